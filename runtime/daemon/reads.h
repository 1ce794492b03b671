/* runtime/daemon/reads.h - What the admin commands answer, as JSON: made between two batches, from the core's rows. */
#ifndef DAEMON_READS_H
#define DAEMON_READS_H

#include <jansson.h>
#include <stdbool.h>

#include "runtime/daemon/daemon.h"

/* The answer's members, or NULL with the reason: ERROR_UNKNOWN for commands and interactions that are not there,
 * ERROR_INPUT for what is asked wrongly. All commands but `load`. */
json_t *reads_answer(struct daemon *, const char *command, const json_t *request, struct error *);
/* `strategies` and `directory`, as status and load tell them. */
void reads_loaded(const struct daemon *, json_t *into);

#endif
