/* compiler/lsp/answer.c - Sends messages to the editor: answers to its requests, and notifications. */
#include "compiler/lsp/server.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void answer_wrong(struct lsp_answer *answer, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(answer->text, sizeof answer->text, format, arguments);
    va_end(arguments);
    answer->code = code;
    answer->wrong = answer->text;
}

void server_put_message(struct server *server, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);
    if (!text) abort();
    if (!frames_write(&server->frames, text)) server->gone = true;
    free(text);
    json_decref(message);
}

void server_notify(struct server *server, const char *method, json_t *params)
{
    server_put_message(server, json_pack("{ss ss so}", "jsonrpc", "2.0", "method", method, "params", params));
}

/* Every request gets one answer with its id, a result or an error; a notification gets none. */
void server_reply(struct server *server, json_t *id, struct lsp_answer *answer)
{
    json_t *message = json_pack("{ss sO}", "jsonrpc", "2.0", "id", id);
    if (answer->code) {
        json_t *text = json_string(answer->wrong);
        if (!text) text = json_string("this cannot be done");
        json_object_set_new(message, "error", json_pack("{si so}", "code", answer->code, "message", text));
        json_decref(answer->result);
    } else {
        json_object_set_new(message, "result", answer->result ? answer->result : json_null());
    }
    server_put_message(server, message);
}
