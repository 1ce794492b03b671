/* runtime/adapters/desk/helped.h - Asks the site's helper, a program behind HTTP, for suggestions: answers, a summary,
 * a translation, a draft. Without the setting `helper` nobody is asked.
 *
 *     browser -- POST /api/help --> api_texts.c -- the transcript, in the store's thread --> helped_ask()
 *     helper <-- POST {kind, medium, text, language, messages} -- helped_work(), in a thread of its own
 *     browser <-- {suggestions: [{title, text}]} -- helped_done()
 *
 * The helper gets what customer and agent have written, and the text that the agent is writing. It gets no user data,
 * so no key that a site keeps secret; no name, address or number of a customer or an agent, but those in the texts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct desk;
struct desk_job;
struct event_base;
struct worker;

/* Is it https, or http on this machine? Empty: the setting is not set. False with the reason. */
bool helped_good(const char *url, char *why, size_t why_size);
/* Begins the thread. NULL: there is none to be had. */
struct worker *helped_new(struct desk *, struct event_base *);
/* The `done` of the job that has read the transcript: asks the helper. */
void helped_ask(struct desk *, struct desk_job *);
