/* runtime/adapters/desk/prompts.h - What callers hear, changed at the console: the sounds of the setting `prompts`,
 * heard, replaced and taken back, and texts that the command of the setting `speaks` speaks.
 *
 *     browser -- PUT /api/supervisor/sounds/welcome --> api_sounds.c --> prompts_put()
 *     prompts_kept.c replaces the file                            prompts_work(), in a thread of its own
 *     browser <-- 204 ------------------------------------------- prompts_done()
 *
 * Without the setting there are none. */
#pragma once

#include <jansson.h>
#include <stddef.h>

struct desk;
struct event_base;
struct evbuffer;
struct evhttp_request;
struct prompts;

/* Begins the thread. NULL with the reason. */
struct prompts *prompts_new(struct desk *, struct event_base *, char *why, size_t why_size);
void prompts_free(struct prompts *); /* NULL is allowed */
void prompts_tick(struct prompts *); /* each second: what is over is taken back. NULL is allowed */

/* Each answers the browser. `params` and `body` are as openapi.json has checked them. */
void prompts_list(struct desk *, struct evhttp_request *);
void prompts_hear(struct desk *, struct evhttp_request *, const json_t *params);
void prompts_put(struct desk *, struct evhttp_request *, const char *who, const json_t *params, struct evbuffer *file);
void prompts_undo(struct desk *, struct evhttp_request *, const char *who, const json_t *params, const json_t *body);
void prompts_say(struct desk *, struct evhttp_request *, const json_t *body);
