/* compiler/lsp/play.h - A test that the editor has asked to be played; one at a time. */
#pragma once

#include "compiler/lsp/server.h"

/* workspace/executeCommand: answers later, or says at once what is in the way. */
void lsp_command(struct server *, const json_t *params, json_t *id, struct lsp_answer *);

int play_descriptor(const struct server *); /* to be read when something is there; -1: none is played */
void play_read(struct server *);
/* Ends the one of that request, NULL: any. False where there is none. */
bool play_cancel(struct server *, const json_t *id);
