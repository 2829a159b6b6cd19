import { describe, expect, it } from 'vitest';
import { resolveIntrinsics, type Surroundings } from '../../../local/template/intrinsics.ts';

const around: Surroundings = {
  region: 'eu-central-1',
  accountId: '123456789012',
  parameters: { Epoch: '2' },
  ref: (logicalId) => `ref:${logicalId}`,
  attribute: (logicalId, name) => `att:${logicalId}.${name}`,
  imported: (name) => `import:${name}`,
};
const resolve = (value: unknown) => resolveIntrinsics(value, around);

describe('intrinsic functions of a template', () => {
  it.each([
    ['a resource', { Ref: 'Queue' }, 'ref:Queue'],
    ['a parameter', { Ref: 'Epoch' }, '2'],
    ['a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-central-1'],
    ['an attribute', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'att:Table.Arn'],
    ['an attribute in its short form', { 'Fn::GetAtt': 'Table.Arn' }, 'att:Table.Arn'],
    ['a join', { 'Fn::Join': [':', ['arn', { Ref: 'AWS::Partition' }, { 'Fn::GetAtt': ['T', 'Arn'] }]] }, 'arn:aws:att:T.Arn'],
    ['a join of nothing', { 'Fn::Join': ['', []] }, ''],
    ['a substitution', { 'Fn::Sub': 'x-${AWS::AccountId}-${Table.Arn}-${Epoch}' }, 'x-123456789012-att:Table.Arn-2'],
    ['a substitution with values', { 'Fn::Sub': ['${Name}/${!Name}', { Name: { Ref: 'Q' } }] }, 'ref:Q/${Name}'],
    ['an import', { 'Fn::ImportValue': { 'Fn::Sub': 'data:${Epoch}' } }, 'import:data:2'],
    ['a selection', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
  ])('resolve %s', (_what, value, expected) => {
    expect(resolve(value)).toBe(expected);
  });

  it('are found at any depth, and all else is left as it is', () => {
    expect(resolve({ a: [{ b: { Ref: 'Q' } }, 1, null, true, 'Ref'], Ref: 'not alone', c: {} }))
      .toEqual({ a: [{ b: 'ref:Q' }, 1, null, true, 'Ref'], Ref: 'not alone', c: {} });
  });

  it('are refused where they are not known, rather than guessed', () => {
    expect(() => resolve({ a: { 'Fn::If': ['Prod', 1, 2] } })).toThrow('Fn::If');
    expect(() => resolve({ 'Fn::Join': 'text' })).toThrow('expected a list');
  });
});
