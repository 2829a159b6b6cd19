import type { OpenApiDocument } from '../../src/openapi/document.ts';
import type { Schema } from '../../src/openapi/json-schema.ts';

/** One line per property of every named schema: `Conflict.home! string`, with `!` where it is always there. */
export function schemaOutline({ components, paths }: OpenApiDocument): string[] {
  const properties = Object.entries(components.schemas).flatMap(([name, schema]) => {
    const required = (schema['required'] ?? []) as string[];
    return Object.entries((schema['properties'] ?? {}) as Record<string, Schema>).flatMap(([property, form]) => {
      const line = `${name}.${property}${required.includes(property) ? '!' : ''} ${formOf(form)}`;
      return [line, ...wordsOf(form).map((word) => `${name}.${property} = ${word}`)];
    });
  });
  const routes = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).flatMap(([method, operation]) => {
    const parameters = (operation['parameters'] ?? []) as { name: string; in: string; required: boolean }[];
    const route = `${method.toUpperCase()} ${path}`;
    return [route, ...parameters.map((parameter) => `${route} ${parameter.in} ${parameter.name}${parameter.required ? '!' : ''}`)];
  }));
  return [...routes, ...properties].toSorted();
}

/** Words get a line each: a list of them may grow. */
function wordsOf({ enum: values, anyOf }: Schema): string[] {
  if (Array.isArray(values)) return values.map(String);
  return Array.isArray(anyOf) ? (anyOf as Schema[]).flatMap(wordsOf) : [];
}

function formOf({ type, enum: values, const: only, anyOf, oneOf, items, $ref }: Schema): string {
  if (typeof $ref === 'string') return $ref.split('/').at(-1) ?? '';
  const alternatives = (anyOf ?? oneOf) as Schema[] | undefined;
  if (alternatives) return alternatives.map(formOf).join('|');
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(values)) return 'word';
  const name = Array.isArray(type) ? type.join('|') : typeof type === 'string' ? type : 'any';
  return items === undefined ? name : `${name} of ${formOf(items as Schema)}`;
}
