/* compiler/lsp/play.h - Plays a test that the editor asks for; one at a time. */
#pragma once

#include "compiler/lsp/server.h"

/* Returns the descriptor from which the play's output is read; -1: no test is played. */
int play_descriptor(const struct server *);
void play_read(struct server *);
/* Ends the play for which the request with this id waits, or (NULL) any play. Returns false where there is no such
 * play. */
bool play_cancel(struct server *, const json_t *id);
