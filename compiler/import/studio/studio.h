/* compiler/import/studio/studio.h - Makes flows of Twilio Studio's flow definitions.
 *
 * A file is a definition, or a flow as the API gives it, with its definition within. A state becomes a block. The path
 * of incoming calls is translated; what begins otherwise is only reported. A workflow of TaskRouter that is given at
 * the same time is the strategy to which Enqueue Call and Send to Flex switch. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct importer;
struct studio_files;

struct studio_files *studio_new(struct importer *);
void studio_release(struct studio_files *); /* NULL is allowed */
bool studio_knows(const json_t *);          /* is it a flow of Studio? */
/* Adds a file, and takes ownership of the value. False, with the reason in `why`, where it is no file of Studio. */
bool studio_add(struct studio_files *, const char *path, const char *bytes, json_t *, char *why, size_t why_size);
void studio_finish(struct studio_files *);
