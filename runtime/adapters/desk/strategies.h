/* runtime/adapters/desk/strategies.h - The console's page Strategies at the desk's door: who may, and the thread in
 * which runtime/studio answers. */
#pragma once

#include "runtime/adapters/desk/desk.h"

/* Starts the thread; NULL: none can be had. */
struct worker *strategies_worker(struct desk *, struct event_base *);
/* Is the repository there? False with the reason. True where the desk has none. */
bool strategies_good(const struct desk_setting *, char *why, size_t why_size);
/* A page with an open file connects to its language server. The request's origin was checked before. */
void strategies_connects(struct desk *, struct desk_session *, struct evhttp_request *);
/* Answers an operation of studio_operation(). `params` and `body` are borrowed. */
void strategies_ask(struct desk *, struct evhttp_request *, const struct desk_session *, const char *operation,
                    json_t *params, json_t *body);
