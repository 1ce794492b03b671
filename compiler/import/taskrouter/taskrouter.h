/* compiler/import/taskrouter/taskrouter.h - Makes flows of workflows of Twilio's TaskRouter.
 *
 * A file is a workflow, a list of task queues or a list of workers, as its REST interface gives them. A workflow
 * becomes a strategy, a task queue becomes a virtual queue and a group, and a worker becomes an agent of the directory.
 * A number under the attribute `x` becomes the level of the skill x; a text `a` there, or a list with it, becomes the
 * skill "x a". */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct importer;
struct taskrouter;

struct taskrouter *taskrouter_new(struct importer *);
void taskrouter_release(struct taskrouter *); /* NULL is allowed */
/* Is it a file of TaskRouter? */
bool taskrouter_knows(const json_t *);
/* Adds a file, and takes ownership of the value. False, with the reason in `why`, where it is no file of TaskRouter. */
bool taskrouter_add(struct taskrouter *, const char *path, const char *bytes, json_t *, char *why, size_t why_size);
void taskrouter_finish(struct taskrouter *);
