/* compiler/lsp/actions.c - Quick fixes from the edits of diagnostics, and formatting.
 *
 * The editor sends the range of the cursor or of the selection. Each diagnostic that touches this range offers up to
 * three actions: to write the word that was perhaps meant; to make the edits of the diagnostic, with its hint as the
 * title; and, where it is no error, a remark that allows it, in which the author then writes the reason. source.fixAll
 * makes all edits that gcxc lint --fix would make in this document. The server changes nothing: the editor gets the
 * edits, and applies those that the user chooses. */
#include "compiler/lsp/server.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/format/format.h"
#include "compiler/lint/allowances.h"
#include "compiler/lsp/words.h"
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

static json_t *actions_of_document(const struct document *document, json_t *edits)
{
    return json_pack("{so}", document->uri, edits);
}

/* Adds an action with the edits of each file. */
static void add_action(json_t *actions, const struct document *document, const struct diag *diag, const char *title,
                       json_t *changes, bool preferred)
{
    json_t *text = json_string(title);
    json_array_append_new(actions,
                          json_pack("{so ss s[o] sb s{so}}", "title", text ? text : json_string("Mend this"), "kind",
                                    "quickfix", "diagnostics", publish_diagnostic_json(document->analysis, diag),
                                    "isPreferred", preferred, "edit", "changes", changes));
}

/* Returns the edits of a diagnostic, by their files; NULL where one of them is in no file that can be changed: half of
 * an action could leave a program that does not compile. */
static json_t *actions_changes(const struct analysis *analysis, const struct diag *diag)
{
    json_t *changes = json_object();
    for (const struct diag_edit *edit = diag->first_edit; edit; edit = edit->next) {
        const struct source *source = source_set_at(analysis->program->sources, edit->span.begin);
        char *uri = source && !source->built_in ? analysis_uri(analysis, edit->span) : NULL;
        if (!uri) {
            json_decref(changes);
            return NULL;
        }
        if (!json_object_get(changes, uri)) json_object_set_new(changes, uri, json_array());
        json_array_append_new(json_object_get(changes, uri), text_edit(analysis, edit->span, edit->text));
        free(uri);
    }
    return changes;
}

static void add_allowance(json_t *actions, const struct document *document, const struct diag *diag)
{
    const struct analysis *analysis = document->analysis;
    char name[DIAG_NAME_MAX];
    const char *text;
    if (diag->own)
        snprintf(name, sizeof name, "%s", diag->own->name);
    else
        diag_code_write(diag->code, name);
    uint32_t place = allowances_remark(analysis->program, diag, name, "", &text);
    if (place == UINT32_MAX) return;
    json_t *edit = text_edit(analysis, (struct source_span){place, place}, text);
    add_action(actions, document, diag,
               arena_printf(analysis->arena, "Allow this finding: // gcx:allow %s, and the reason", name),
               actions_of_document(document, json_pack("[o]", edit)), false);
}

static void add_code_action(json_t *actions, const struct document *document, const struct diag *diag)
{
    const struct analysis *analysis = document->analysis;
    json_t *meant = meant_edit(analysis, diag);
    if (meant)
        add_action(actions, document, diag, arena_printf(analysis->arena, "Write '%s'", diag->meant),
                   actions_of_document(document, json_pack("[o]", meant)), true);
    json_t *changes = diag->first_edit ? actions_changes(analysis, diag) : NULL;
    if (changes)
        add_action(actions, document, diag,
                   diag->hint ? diag->hint : arena_printf(analysis->arena, "Mend: %s", diag->text), changes, true);
    add_allowance(actions, document, diag);
}

/* Does the editor want actions of this kind? The editor may name kinds; a kind includes all kinds below it. */
static bool actions_wanted(const json_t *params, const char *kind)
{
    const json_t *only = json_object_get(json_object_get(params, "context"), "only");
    if (!json_is_array(only)) return true;
    for (size_t i = 0; i < json_array_size(only); i++) {
        const char *one = json_string_value(json_array_get(only, i));
        size_t length = one ? strlen(one) : 0;
        if (one && strncmp(kind, one, length) == 0 && (!kind[length] || kind[length] == '.' || length == 0))
            return true;
    }
    return false;
}

/* As gcxc lint --fix, which changes nothing of a program with errors. */
static void add_fix_all(json_t *actions, const struct document *document)
{
    const struct analysis *analysis = document->analysis;
    size_t count = 0;
    if (!analysis->source || !compilation_sound(analysis->compilation)) return;
    const struct diag_edit **edits = compilation_edits(analysis->compilation, analysis->source, &count);
    if (count == 0) return;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(list, text_edit(analysis, edits[i]->span, edits[i]->text));
    json_array_append_new(actions, json_pack("{ss ss s{so}}", "title", "Mend all that gcxc lint --fix mends", "kind",
                                             "source.fixAll", "edit", "changes", actions_of_document(document, list)));
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
    for (size_t i = 0; begin && i < count && actions_wanted(params, "quickfix"); i++)
        if (found[i]->span.begin <= end && found[i]->span.end >= begin &&
            source_set_at(analysis->program->sources, found[i]->span.begin) == analysis->source)
            add_code_action(answer->result, document, found[i]);
    if (actions_wanted(params, "source.fixAll")) add_fix_all(answer->result, document);
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
