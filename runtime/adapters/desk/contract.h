/* runtime/adapters/desk/contract.h - openapi.json as the server uses it: which requests and messages exist, and
 * whether a request or message matches its definition. Fields that openapi.json does not name are refused.
 *
 * These words of JSON Schema are understood: type, const, enum, properties, required, additionalProperties, items,
 * maxItems, minLength, maxLength (both in characters, as the standard counts), minimum, maximum. The desk adds the
 * word x-maxBytes, in bytes of UTF-8. No text may have control characters except line feed and tab. */
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
    const char *role; /* the role that the operation needs; NULL: any */
    bool anyone;      /* the operation needs no session */
    bool bytes;       /* the body is not JSON */
    const json_t *parameters, *body;
};

/* Finds the operation of a path; `params` gets the values that the path names, a new reference. NULL: there is no
 * such operation; `*known` says whether the path has other methods. */
const struct operation *contract_find(struct desk_contract *, const char *method, const char *path, json_t **params,
                                      bool *known);
/* Puts a value of the query into `params`, in the type that the operation's parameters say. False with a sentence. */
bool contract_query(const struct operation *, json_t *params, const char *name, const char *value, char *why,
                    size_t why_size);
/* Are all required parameters given? */
bool contract_whole(const struct operation *, const json_t *params, char *why, size_t why_size);
/* Does the parsed body match the operation's schema? */
bool contract_body(const struct operation *, const json_t *body, char *why, size_t why_size);
/* Does the browser's message match the contract? False with a sentence. */
bool contract_message(const struct desk_contract *, const json_t *message, char *why, size_t why_size);

/* Call `each` with the ids of all operations, and with all types of messages: the start checks that each has a
 * handler. */
void contract_each_operation(const struct desk_contract *, void (*each)(void *self, const char *id), void *self);
void contract_each_message(const struct desk_contract *, void (*each)(void *self, const char *type), void *self);
