/* runtime/web/applications.h - An HTTP server for applications. Each request has the application's token,
 * `Authorization: Bearer TOKEN`:
 *
 *     POST PATH         brings a JSON object, which has an id
 *     METHOD PATH/ID    is about what was brought under that id
 */
#pragma once

#include <jansson.h>

#include "runtime/web/opening.h"

struct secret;

struct applications { /* filled in by its owner; lasts as long as the HTTP server */
    void *self;
    const struct secret *token;
    const char *path, *there; /* the path, as in "/work"; the text of a 404, which names the existing paths */
    unsigned method;          /* EVHTTP_REQ_... */
    size_t body_max, id_max;
    uint64_t connections;
    /* bring() and about() answer the request, now or later; the body is borrowed. `id` is well-formed, but there may
     * be no such id. */
    void (*bring)(void *self, struct evhttp_request *, const json_t *body);
    void (*about)(void *self, struct evhttp_request *, const char *id);
    const char *unknown; /* the text of a 404 for an id that is not well-formed */
    /* Answers a request that is refused. NULL: reply_error() does. */
    void (*refuse)(void *self, struct evhttp_request *, int code, const char *why);
};

/* NULL with the reason. */
struct door *applications_door(struct applications *, const struct opening *, struct gcx_link *,
                               const struct gcx_services *, char *why, size_t why_size);
/* Can the text be an id: not too long, and only letters, digits, -, _ and ., so that it can be part of a path? */
bool applications_id(const struct applications *, const char *id);
