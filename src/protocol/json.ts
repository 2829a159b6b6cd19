/** A JSON value as it travels; numbers are finite, integers within ±(2^53−1). */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object: fields by name. */
export type JsonObject = { [key: string]: Json };
