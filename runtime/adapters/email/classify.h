/* runtime/adapters/email/classify.h - Classify: what a text is about, answered by the file of rules in a thread, and
 * where that says nothing by a classifier over HTTP (classifier.h).
 *
 * The file is read at the start, and again when it has changed; one that is wrong then leaves the rules as they are. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct watched_files;
struct classify;
struct email;
struct event_base;
struct message;

/* NULL with the reason. */
struct classify *classify_new(struct email *, struct event_base *, char *why, size_t why_size);
void classify_watched(struct classify *, struct watched_files *); /* the rules are read again */
void classify_free(struct classify *);
void classify_ask(struct classify *, const struct message *effect); /* Classify */
/* Is the file of rules good? False with the line and the reason. An empty path is. */
bool classify_check(const char *path, char *why, size_t why_size);
/* Does the site have its categories? */
struct gcx_look;
void classify_look(const struct gcx_look *, const char *path);
