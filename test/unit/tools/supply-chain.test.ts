import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bundleContents } from '../../../tools/bundle-functions.ts';
import { readAudit } from '../../../tools/supply-chain/audit.ts';
import { bundlePackages, OWN } from '../../../tools/supply-chain/bundle-packages.ts';
import { licenceList, refusedLicences } from '../../../tools/supply-chain/licences.ts';
import { packageOf, ROOT, runtimePackages } from '../../../tools/supply-chain/lockfile.ts';
import { runtimeSbom } from '../../../tools/supply-chain/sbom.ts';

const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>;
const packages = runtimePackages();
const bundles = bundlePackages(await bundleContents());

describe('what a deployment carries', () => {
  it('depends directly on at most 10 packages beside the AWS SDK', () => {
    const direct = Object.keys(manifest.dependencies).filter((name) => !name.startsWith('@aws-sdk/'));
    expect(direct.length).toBeGreaterThan(0);
    expect(direct.length).toBeLessThanOrEqual(10);
  });

  it('is pinned to exact versions, tools as well', () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies });
    expect(all.length).toBeGreaterThan(10);
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('has licences that ask for no more than a notice', () => {
    expect(packages.length).toBeGreaterThan(20);
    expect(refusedLicences(packages)).toEqual([]);
    const others = [{ name: 'a', version: '1.0.0', licence: 'AGPL-3.0' }, { name: 'b', version: '2.0.0', licence: undefined }];
    expect(refusedLicences(others)).toEqual(['a@1.0.0: AGPL-3.0', 'b@2.0.0: no licence told']);
    expect(licenceList(others)).toEqual(['AGPL-3.0 (1): a 1.0.0', 'no licence told (1): b 2.0.0']);
  });

  it('is bundled of packages at runtime only: nothing that is there for tools and tests', () => {
    const runtime = new Set(packages.map(({ name }) => name));
    const found = [...new Set(bundles.flatMap((bundle) => bundle.packages.map(({ name }) => name)))].filter((name) => name !== OWN);
    expect(found).toContain('zod');
    expect(found.filter((name) => !runtime.has(name))).toEqual([]);
  });

  it('leaves the generator of the OpenAPI document at home', () => {
    const generator = bundles.flatMap(({ bundle, files }) => files
      .filter((file) => /src\/openapi\/|to-json-schema|json-schema-generator|json-schema-processors/.test(file)).map((file) => `${bundle}: ${file}`));
    expect(generator).toEqual([]);
  });

  it('is in its bill of materials, all of it', () => {
    const listed = runtimeSbom().components.map(({ name, version }) => `${name}@${version}`);
    expect(listed.toSorted()).toEqual(packages.map(({ name, version }) => `${name}@${version}`).toSorted());
  });
});

describe('what the registry says of vulnerabilities', () => {
  const finding = (severity: string) => ({ name: 'left', severity, range: '<1.2.3', via: [{ title: 'Reads too far', url: 'https://example.org/1' }, 'right'] });

  it('counts when it is a report', () => {
    const report = (found: object) => JSON.stringify({ auditReportVersion: 2, vulnerabilities: found, metadata: {} });
    expect(readAudit(report({}))).toEqual({ kind: 'answered', lines: [], serious: 0 });
    expect(readAudit(report({ left: finding('high'), other: finding('low') }))).toEqual({
      kind: 'answered',
      lines: ['high: left <1.2.3 Reads too far https://example.org/1; by right', 'low: left <1.2.3 Reads too far https://example.org/1; by right'],
      serious: 1,
    });
  });

  it.each(['', '<html>', 'null', '{"message":"405 Method Not Allowed","statusCode":405}', '{"error":{"summary":"offline"}}', '{"vulnerabilities":{}}'])(
    'is no answer when it is %j, and never a clean bill', (output) => {
      expect(readAudit(output)).toMatchObject({ kind: 'no answer', reason: expect.stringMatching(/./) });
    },
  );
});

it.each([
  ['node_modules/zod/v4/core/schemas.js', 'zod'],
  ['node_modules/a/node_modules/@smithy/core/dist/index.js', '@smithy/core'],
  ['src/http/encode.ts', undefined],
])('the package of %s is %s', (path, name) => {
  expect(packageOf(path)).toBe(name);
});
