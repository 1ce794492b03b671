/* compiler/lsp/play.h - A test that the editor has asked to be played; one at a time. */
#pragma once

#include "compiler/lsp/server.h"

/* Handles workspace/executeCommand: starts a play and answers at its end, or answers at once why that cannot be. */
void lsp_command(struct server *, const json_t *params, json_t *id, struct lsp_answer *);

/* The descriptor on which the play's results arrive; -1: no test is played. */
int play_descriptor(const struct server *);
void play_read(struct server *);
/* Ends the play that the request with this id asked for, or (NULL) any play. False where there is no such play. */
bool play_cancel(struct server *, const json_t *id);
