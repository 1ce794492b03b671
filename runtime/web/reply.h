/* runtime/web/reply.h - Answers to HTTP requests, at once or when something else is known. */
#pragma once

#include <jansson.h>
#include <stddef.h>

struct evhttp_request;

/* Answers with these bytes; headers that the caller has added go out with them. */
void reply_bytes(struct evhttp_request *, int code, const char *type, const void *bytes, size_t length);
void reply_text(struct evhttp_request *, int code, const char *text);
/* Answers with the object, and takes its reference; NULL, which jansson gives for a text that is no UTF-8, is answered
 * 500 without a body. */
void reply_json(struct evhttp_request *, int code, json_t *object);
/* Answers {"error": why}; a 503 also says to come again in five seconds. */
void reply_error(struct evhttp_request *, int code, const char *why);
void reply_header(struct evhttp_request *, const char *name, const char *value);
/* The JSON object in the request's body; NULL: the body is none. */
json_t *reply_to_json(struct evhttp_request *);

struct asker {                   /* a request that waits for its answer; a member of its owner's struct */
    struct evhttp_request *http; /* NULL: whoever asked has gone */
};
void asker_begin(struct asker *, struct evhttp_request *);
/* Ends the wait. Returns the request, to be answered; NULL: whoever asked has gone. */
struct evhttp_request *asker_end(struct asker *);
/* An asker with memory of its own. */
struct asker *asker_new(struct evhttp_request *);
struct evhttp_request *asker_over(struct asker *); /* as asker_end(), and frees it; NULL is allowed */
void asker_free(void *asker);                      /* nobody is answered; NULL is allowed */
