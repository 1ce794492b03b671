/* compiler/lsp/play.h - Plays a test that the editor asks for; one at a time. */
#pragma once

#include "compiler/lsp/server.h"

/* Handles workspace/executeCommand: starts a play and answers at its end, or answers at once why no play is
 * possible. */
void lsp_command(struct server *, const json_t *params, json_t *id, struct lsp_answer *);

/* Returns the descriptor from which the play's output is read; -1: no test is played. */
int play_descriptor(const struct server *);
void play_read(struct server *);
/* Ends the play for which the request with this id waits, or (NULL) any play. Returns false where there is no such
 * play. */
bool play_cancel(struct server *, const json_t *id);
