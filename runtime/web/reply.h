/* runtime/web/reply.h - Answers to HTTP requests, sent at once or later. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct evhttp_request;

/* Answers with these bytes; headers added by the caller are sent, too. */
void reply_bytes(struct evhttp_request *, int code, const char *type, const void *bytes, size_t length);
void reply_text(struct evhttp_request *, int code, const char *text);
/* Answers with the object and frees its reference; NULL, which jansson gives for a text that is not UTF-8, is
 * answered by 500 without a body. */
void reply_json(struct evhttp_request *, int code, json_t *object);
/* Answers {"error": why}; a 503 also asks the client to try again in five seconds. */
void reply_error(struct evhttp_request *, int code, const char *why);
void reply_header(struct evhttp_request *, const char *name, const char *value);
/* Returns the JSON object in the request's body; NULL: the body is no JSON object. */
json_t *reply_to_json(struct evhttp_request *);

struct asker {                   /* a request that waits for its answer; can be a member of another struct */
    struct evhttp_request *http; /* the request; NULL: the client has disconnected */
    bool asked;                  /* a client has asked, also where it has disconnected since */
};
void asker_begin(struct asker *, struct evhttp_request *);
/* Ends the wait, and returns the request, which the caller answers; NULL: the client has disconnected. */
struct evhttp_request *asker_end(struct asker *);
/* Does somebody wait for the answer still? From any thread. */
bool asker_waits(const struct asker *);
/* Makes an asker in memory of its own. */
struct asker *asker_new(struct evhttp_request *);
struct evhttp_request *asker_over(struct asker *); /* like asker_end(), but also frees the asker; NULL is allowed */
void asker_free(void *asker);                      /* frees an asker without an answer; NULL is allowed */
