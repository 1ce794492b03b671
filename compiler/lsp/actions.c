/* compiler/lsp/actions.c - Quick fixes from the edits of diagnostics, and formatting.
 *
 * The editor sends the range of the cursor or of the selection. Each diagnostic that touches this range offers up to
 * two actions: to write the word that was perhaps meant, and to make the edits of the diagnostic, with its hint as
 * the title. The server changes nothing: the editor gets the edits, and applies those that the user chooses. */
#include "compiler/lsp/server.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/lsp/words.h"
#include "compiler/format/format.h"
#include "base/memory.h"

static json_t *text_edit(const struct analysis *analysis, struct source_span span, const char *text)
{
    return json_pack("{so ss}", "range", analysis_range(analysis, span), "newText", text);
}

/* Returns the word that was perhaps meant in place of another; NULL where the place has more than a word. */
static json_t *meant_edit(const struct analysis *analysis, const struct diag *diag)
{
    const char *there = analysis_text(analysis, diag->span);
    if (!diag->meant || !*there || (*there != '"' && strpbrk(there, " \t\n()[]{}"))) return NULL;
    const char *quoted = *there == '"' || !word_can_be_name(diag->meant)
                             ? arena_printf(analysis->arena, "\"%s\"", diag->meant)
                             : diag->meant;
    return text_edit(analysis, diag->span, strchr(diag->meant, '.') ? diag->meant : quoted);
}

static void add_action(json_t *actions, const struct document *document, const struct diag *diag, const char *title,
                       json_t *edits)
{
    json_array_append_new(actions, json_pack("{ss ss s[o] sb s{s{so}}}", "title", title, "kind", "quickfix",
                                             "diagnostics", publish_diagnostic_json(document->analysis, diag),
                                             "isPreferred", 1, "edit", "changes", document->uri, edits));
}

/* An action must be complete. If one of its edits is in another file, the action is left out: the answer has the
 * edits of one document only, and half of an action could leave a program that does not compile. */
static void add_code_action(json_t *actions, const struct document *document, const struct diag *diag)
{
    const struct analysis *analysis = document->analysis;
    json_t *meant = meant_edit(analysis, diag);
    if (meant)
        add_action(actions, document, diag, arena_printf(analysis->arena, "Write '%s'", diag->meant),
                   json_pack("[o]", meant));
    if (!diag->first_edit) return;
    json_t *edits = json_array();
    for (const struct diag_edit *edit = diag->first_edit; edit; edit = edit->next) {
        if (source_set_at(analysis->program->sources, edit->span.begin) != analysis->source) {
            json_decref(edits);
            return;
        }
        json_array_append_new(edits, text_edit(analysis, edit->span, edit->text));
    }
    add_action(actions, document, diag, diag->hint ? diag->hint : arena_printf(analysis->arena, "Mend: %s", diag->text),
               edits);
}

/* `begin` is 0 where the range is not in this document: no offset of a source is 0. */
void lsp_actions(struct server *server, const struct document *document, const json_t *params,
                 struct lsp_answer *answer)
{
    const struct analysis *analysis = document->analysis;
    const json_t *range = json_object_get(params, "range");
    uint32_t begin = analysis_offset(analysis, json_object_get(range, "start"));
    uint32_t end = analysis_offset(analysis, json_object_get(range, "end"));
    (void)server;
    answer->result = json_array();
    size_t count;
    struct diag **found = diags_sorted(analysis->program->diags, &count);
    for (size_t i = 0; begin && i < count; i++)
        if (found[i]->span.begin <= end && found[i]->span.end >= begin &&
            source_set_at(analysis->program->sources, found[i]->span.begin) == analysis->source)
            add_code_action(answer->result, document, found[i]);
}

/* Answers with the text that gcxc fmt would write, as one edit that replaces the whole text; without edits if
 * nothing would change. A text that does not parse stays as it is. */
void lsp_formatting(struct server *server, const struct document *document, const json_t *params,
                    struct lsp_answer *answer)
{
    (void)params;
    answer->result = json_array();
    char *said;
    size_t said_length, length;
    FILE *errors = memory_stream(&said, &said_length); /* they are published already */
    char *text = format_text(document->path, document->text, document->length, &length, errors);
    fclose(errors);
    free(said);
    const struct source *source = document->analysis->source;
    bool same = !text || (length == document->length && memcmp(text, document->text, length) == 0);
    json_t *put = same || !source ? NULL : json_stringn(text, length);
    (void)server;
    if (put) {
        struct source_span whole = {source->base, source->base + source->length};
        json_array_append_new(answer->result,
                              json_pack("{so so}", "range", analysis_range(document->analysis, whole), "newText", put));
    }
    free(text);
}
