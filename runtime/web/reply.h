/* runtime/web/reply.h - Answers to HTTP requests, at once or when something else is known. */
#pragma once

#include <jansson.h>
#include <stddef.h>

struct evhttp_request;

/* Headers that the caller has put go out with it. */
void reply_bytes(struct evhttp_request *, int code, const char *type, const void *bytes, size_t length);
void reply_text(struct evhttp_request *, int code, const char *text);
void reply_json(struct evhttp_request *, int code, json_t *object);   /* takes the reference */
void reply_error(struct evhttp_request *, int code, const char *why); /* {"error": why} */
void reply_header(struct evhttp_request *, const char *name, const char *value);
/* The object that was sent; NULL: the body is none. */
json_t *reply_to_json(struct evhttp_request *);

/* Its connection may close unheard from now on, and it is held no more. Returns it, to be answered; NULL: it has gone.
 */
struct evhttp_request *reply_take(struct evhttp_request **held);

struct asker {                   /* a request that waits; its owner's */
    struct evhttp_request *http; /* NULL: it has gone */
};
void asker_begin(struct asker *, struct evhttp_request *);
/* The wait is over. Returns the request, to be answered; NULL: it has gone. */
struct evhttp_request *asker_end(struct asker *);
