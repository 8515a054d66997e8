import { z } from 'zod';

/** A JSON Schema, as far as the fuzz reads it. */
const schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  properties: z.record(z.string(), z.any()).optional(),
  items: z.any().optional(),
  enum: z.array(z.any()).optional(),
  anyOf: z.array(z.any()).optional(),
});
export type Schema = z.infer<typeof schema>;

const media = z.record(z.string(), z.object({ schema: z.any() }));
const operation = z.object({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.any())),
  parameters: z.array(z.object({ name: z.string(), in: z.string(), schema })),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema })) }).optional(),
  responses: z.record(z.string(), z.object({ content: media.optional() })),
});
const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.object({ Problem: z.any() }) }),
});

export interface Operation {
  id: string;
  method: string;
  path: string;
  auth: string | undefined;
  parameters: { name: string; in: string; schema: Schema }[];
  body: Schema | undefined;
  /** By status and media type, what checks an answer's body. */
  answers: Map<string, z.ZodType>;
  /** Statuses that may come, with or without a body. */
  statuses: Set<number>;
}

/** Reads every operation of an OpenAPI document. */
export function operationsOf(published: unknown): Operation[] {
  const { paths, components } = document.parse(published);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({
      id: one.operationId,
      method: method.toUpperCase(),
      path,
      auth: Object.keys(one.security[0] ?? {})[0],
      parameters: one.parameters,
      body: one.requestBody?.content['application/json']?.schema,
      answers: answersOf(one.responses, components.schemas.Problem),
      statuses: new Set(Object.keys(one.responses).map(Number)),
    })),
  );
}

function answersOf(
  responses: z.infer<typeof operation>['responses'],
  problem: unknown,
): Map<string, z.ZodType> {
  const answers = new Map<string, z.ZodType>();
  for (const [status, { content = {} }] of Object.entries(responses)) {
    for (const [type, { schema: described }] of Object.entries(content)) {
      answers.set(`${status} ${type}`, validator(described, problem));
    }
  }
  return answers;
}

/** A problem is the one body with the codes that this status may carry. */
function validator(described: Schema, problem: unknown): z.ZodType {
  if (!Array.isArray(described['allOf'])) return z.fromJSONSchema(Object(described));
  const codes = z.object({ code: z.fromJSONSchema(Object(described.properties)['code']) });
  return z.intersection(z.fromJSONSchema(Object(problem)), codes.loose());
}
