/* runtime/sim/asked.h - Questions to data sources, as tests write them, and the fields of EventDone that say a test's
 * value. query.c has those of statements, http.c those of requests, sent.c those of messages and texts. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/vocabulary/message.h"

#include "runtime/sim/values.h"

struct image;

/* The step that asks a source (Query) or an endpoint (HttpRequest). Its words stand in `name`, its arguments are a new
 * reference. */
enum { ASKED_NAME = 96 };
struct step_call asked_source(const struct image *, const struct message *effect, char name[ASKED_NAME]);
bool asked_source_changes(const struct message *effect); /* may the question change something at the source? */

/* Writes the value into the EventDone that was begun; `kv` is room for it. */
void asked_put_answer(struct writer *, struct kv *, const struct image *, const struct message *effect, json_t *value);

/* The step that has sent a message (SendMessage), or asks about a text (Classify); the arguments are a new reference.
 */
struct step_call sent_call(const struct image *, const struct message *effect);
struct step_call asked_classify_call(const struct message *effect);
void asked_classify_answer(struct writer *, struct kv *, json_t *value); /* the categories, one or a list of them */
enum code asked_code(const char *word); /* code_refused: there is no code of that name */
