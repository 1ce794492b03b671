/* runtime/sim/asked.h - Questions to data sources in the words of tests, and writing a test's value into the fields
 * of EventDone. query.c handles statements, http.c requests, sent.c messages and texts. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/vocabulary/message.h"

#include "runtime/sim/values.h"

struct image;

/* Returns the step that asks a source (Query) or an endpoint (HttpRequest), in a test's words. The step's words are in
 * `name`, its arguments are a new reference. */
enum { ASKED_NAME = 96 };
struct step_call asked_source(const struct image *, const struct message *effect, char name[ASKED_NAME]);
bool asked_source_changes(const struct message *effect); /* may the question change data at the source? */

/* Writes the value into the begun EventDone; `kv` is used as a buffer. */
void asked_put_answer(struct writer *, struct kv *, const struct image *, const struct message *effect, json_t *value);

/* Returns the step that has sent a message (SendMessage), or asks about a text (Classify); its arguments are a new
 * reference. */
struct step_call sent_call(const struct image *, const struct message *effect);
struct step_call asked_classify_call(const struct message *effect);
/* writes the categories, one or a list, into the answer */
void asked_classify_answer(struct writer *, struct kv *, json_t *value);
enum code asked_code(const char *word); /* returns the code of the given name; code_refused: no code has that name */
