/* compiler/lsp/pull.c - Diagnostics for an editor that asks for them, instead of having them published.
 *
 * The number of an answer is made from its text: an editor that sends the number of an equal list gets `unchanged`.
 * A document's answer has what the focus knows (publish.c); the rest follows in a pause, when the editor is told to
 * ask again. The answer about the workspace has all files of a site, also those that are not open, as gcxc lint tells
 * of them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/lsp/server.h"

enum { PULL_ID = 24 };

/* Writes the number of a list: a sum over its text (FNV). */
static void pull_number(const json_t *list, char id[PULL_ID])
{
    char *text = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
    uint64_t sum = UINT64_C(14695981039346656037);
    if (!text) abort();
    for (const char *at = text; *at; at++) sum = (sum ^ (unsigned char)*at) * UINT64_C(1099511628211);
    snprintf(id, PULL_ID, "%016" PRIx64, sum);
    free(text);
}

/* Returns the report of one file; `last`: the number that the editor has, or NULL. */
static json_t *pull_report(json_t *list, const char *last)
{
    char id[PULL_ID];
    pull_number(list, id);
    if (last && strcmp(last, id) == 0) return json_pack("{ss ss}", "kind", "unchanged", "resultId", id);
    return json_pack("{ss ss sO}", "kind", "full", "resultId", id, "items", list);
}

void lsp_pull(struct server *server, const struct document *document, const json_t *params, struct lsp_answer *answer)
{
    const char *last = json_string_value(json_object_get(params, "previousResultId")), *uri;
    json_t *own = json_object_get(server->published, document->uri), *none = json_array(), *list;
    answer->result = pull_report(own ? own : none, last);
    json_t *related = json_object();
    json_object_foreach(document->found, uri, list)
    {
        json_t *other = json_object_get(server->published, uri);
        /* an open document gets an answer of its own */
        if (document_named(&server->documents, uri) || !other) continue;
        json_object_set_new(related, uri, pull_report(other, NULL));
    }
    if (json_object_size(related) > 0) json_object_set(answer->result, "relatedDocuments", related);
    json_decref(related);
    json_decref(none);
}

static void pull_program(void *self, const struct analysis *analysis)
{
    json_t *all = self, *found = publish_found(analysis);
    json_object_update_missing(all, found);
    json_decref(found);
}

/* Returns the number that the editor has of that file; NULL: none. */
static const char *pull_last(const json_t *params, const char *uri)
{
    const json_t *all = json_object_get(params, "previousResultIds");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i);
        const char *of = json_string_value(json_object_get(one, "uri"));
        if (of && strcmp(of, uri) == 0) return json_string_value(json_object_get(one, "value"));
    }
    return NULL;
}

void lsp_pull_site(struct server *server, const json_t *params, struct lsp_answer *answer)
{
    json_t *all = json_object(), *items = json_array(), *list;
    const char *uri;
    server_each_program(server, pull_program, all);
    json_object_foreach(all, uri, list)
    {
        const struct document *document = document_named(&server->documents, uri);
        json_t *report = pull_report(list, pull_last(params, uri));
        json_object_set_new(report, "uri", json_string(uri));
        json_object_set_new(report, "version", document ? json_integer(document->version) : json_null());
        json_array_append_new(items, report);
    }
    json_decref(all);
    answer->result = json_pack("{so}", "items", items);
}
