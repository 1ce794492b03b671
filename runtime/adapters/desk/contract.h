/* runtime/adapters/desk/contract.h - openapi.json as the server uses it: which requests and messages there are, and
 * whether one that came is as it says. Fields that are not in it are refused.
 *
 * It knows these words of JSON Schema: type, const, enum, properties, required, additionalProperties, items, maxItems,
 * minLength, maxLength (both in characters, as the standard counts), minimum, maximum. Its own word is x-maxBytes, in
 * bytes of UTF-8. No text may have controls other than line feed and tab. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct desk_contract;

struct desk_contract *contract_new(void);
void contract_free(struct desk_contract *); /* NULL is allowed */
const char *contract_text(void);            /* openapi.json */

struct operation {
    const char *id;
    const char *role; /* the role that it needs; NULL: any */
    bool anyone;      /* it may be asked without a session */
    bool bytes;       /* its body is no JSON */
    const json_t *parameters, *body;
};

/* The operation of a path; `params` gets what the path names, a new reference. NULL: there is none; then `*known` says
 * whether the path has other methods. */
const struct operation *contract_find(struct desk_contract *, const char *method, const char *path, json_t **params,
                                      bool *known);
/* Puts a value of the query into `params`, in the type that the operation's parameters say. False with a sentence. */
bool contract_query(const struct operation *, json_t *params, const char *name, const char *value, char *why,
                    size_t why_size);
/* Are all parameters there that must be? */
bool contract_whole(const struct operation *, const json_t *params, char *why, size_t why_size);
/* Is the parsed body as the operation says? */
bool contract_body(const struct operation *, const json_t *body, char *why, size_t why_size);
/* Is the browser's message as the contract says? False with a sentence. */
bool contract_message(const struct desk_contract *, const json_t *message, char *why, size_t why_size);

/* Call `each` with all ids of operations, and with all types of messages: their handlers are checked to be complete. */
void contract_each_operation(const struct desk_contract *, void (*each)(void *self, const char *id), void *self);
void contract_each_message(const struct desk_contract *, void (*each)(void *self, const char *type), void *self);
