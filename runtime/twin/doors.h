/* runtime/twin/doors.h - The doors of gcxtwin: what a change goes through before it has callers. */
#pragma once

#include <jansson.h>
#include <signal.h>
#include <stdio.h>

#include "base/error.h"
#include "runtime/daemon/site/conf.h"

/* Each reads its command line, whose first word is the door's, and returns the process's exit code (exits.def). */
int what_if_main(int argc, char **argv);
int shadow_main(int argc, char **argv);
int soon_main(int argc, char **argv);

extern volatile sig_atomic_t door_stops; /* how many signals have asked for the end */
void door_signals(void);                 /* from now on SIGINT, SIGTERM and SIGHUP are counted */
/* Connects to gcxvm's admin socket; the caller closes the stream. NULL with the reason. */
FILE *door_connect(const char *socket, struct error *);
/* Sends the request, which is taken over, and returns the answer, which the caller owns. NULL: it is refused
 * (ERROR_DENIED), cannot be sent (ERROR_INPUT), or nobody answers (ERROR_SYSTEM). */
json_t *door_ask(FILE *stream, json_t *request, struct error *);
/* Reads the configuration at `path`, or, for NULL, the one that the gcxvm at the socket says; the caller frees it.
 * NULL: the reason was printed. */
struct conf *door_conf(const char *path, const char *socket);
