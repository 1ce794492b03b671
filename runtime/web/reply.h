/* runtime/web/reply.h - Answers to HTTP requests, at once or when something else is known. */
#pragma once

#include <jansson.h>
#include <stddef.h>

struct evhttp_request;

/* Headers that the caller has put go out with it. */
void reply_bytes(struct evhttp_request *, int code, const char *type, const void *bytes, size_t length);
void reply_text(struct evhttp_request *, int code, const char *text);
/* Takes the reference; NULL, which is what JSON makes of a text that is no UTF-8: 500 without a body. */
void reply_json(struct evhttp_request *, int code, json_t *object);
/* {"error": why}; 503 says to come again in five seconds. */
void reply_error(struct evhttp_request *, int code, const char *why);
void reply_header(struct evhttp_request *, const char *name, const char *value);
/* The object that was sent; NULL: the body is none. */
json_t *reply_to_json(struct evhttp_request *);

struct asker {                   /* a request that waits; its owner's */
    struct evhttp_request *http; /* NULL: it has gone */
};
void asker_begin(struct asker *, struct evhttp_request *);
/* The wait is over. Returns the request, to be answered; NULL: it has gone. */
struct evhttp_request *asker_end(struct asker *);
/* One by itself. */
struct asker *asker_new(struct evhttp_request *);
struct evhttp_request *asker_over(struct asker *); /* as asker_end(), and frees it; NULL is allowed */
void asker_free(void *asker);                      /* nobody is answered; NULL is allowed */
