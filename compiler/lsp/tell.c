/* compiler/lsp/tell.c - Makes sentences from the tables of the language and from the author's text.
 *
 * A step's signature and documentation are the same as in the manual, from the same tables. A declaration is
 * described by its own text, as its author has written it, up to the beginning of its body. */
#include "compiler/lsp/tell.h"

#include <string.h>

#include "compiler/language/step_ids.h"

enum { LINE_MAX_SHOWN = 200 };

static const char *const step_docs[] = {
#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, at_once, family, doc)                 \
    [STEP_ID_##id] = doc,
#include "compiler/language/steps_all.def"
};

static const struct {
    const char *name, *doc;
} attribute_docs[] = {
#define ATTRIBUTE(name, number, type, optional, media, when, where, tell_written, doc, changes) {#name, doc},
#define CONTACT(member, number, type, optional, doc, media)                                     {"contact." #member, doc},
#include "compiler/language/attributes_all.def"
#undef ATTRIBUTE
};

static const struct {
    const char *word, *what, *doc;
} clause_docs[] = {
#define CLAUSE(id, word, what, doc) {word, what, doc},
#define LINE_WORD(word, what, doc)  {word, what, doc},
#include "compiler/syntax/clauses.def"
};

const char *tell_clause(struct arena *arena, const char *word)
{
    for (size_t i = 0; i < sizeof clause_docs / sizeof *clause_docs; i++)
        if (strcmp(clause_docs[i].word, word) == 0)
            return arena_printf(arena, "```gcx\n%s %s\n```\n\nA clause, %s.", word, clause_docs[i].what,
                                clause_docs[i].doc);
    return NULL;
}

static const char *step_doc(const struct step_row *row)
{
    return step_docs[row->id];
}

const char *tell_attribute(uint32_t row)
{
    for (size_t i = 0; i < sizeof attribute_docs / sizeof *attribute_docs; i++)
        if (strcmp(attribute_docs[i].name, attribute_rows[row].name) == 0) return attribute_docs[i].doc;
    return "";
}

/* Finds an attribute; the table is small and each search answers one person, so it has no index. */
const char *tell_attribute_row(const char *name, uint32_t *row)
{
    for (*row = 0; *row < attribute_row_count; ++*row)
        if (strcmp(attribute_rows[*row].name, name) == 0) return attribute_rows[*row].name;
    return NULL;
}

static const char *param_type(enum param_type type)
{
    static const char *const texts[] = {[PARAM_INT] = "int",
                                        [PARAM_STR] = "str",
                                        [PARAM_DURATION] = "duration",
                                        [PARAM_PROMPT] = "prompt",
                                        [PARAM_VQ] = "vq",
                                        [PARAM_QUEUE] = "queue",
                                        [PARAM_AGENT] = "agent",
                                        [PARAM_TONE] = "tone",
                                        [PARAM_MAP_ANY] = "map<T>",
                                        [PARAM_LIST_ANY] = "list<T>",
                                        [PARAM_MAP_VALUE] = "map<value>",
                                        [PARAM_DESTINATION] = "target",
                                        [PARAM_SHOWN] = "...",
                                        [PARAM_BOUND] = "...",
                                        [PARAM_WORKBIN] = "workbin",
                                        [PARAM_OWNER] = "agent or group",
                                        [PARAM_TEMPLATE] = "template",
                                        [PARAM_TIME] = "time",
                                        [PARAM_BODY] = "blob",
                                        [PARAM_SPOKEN] = "prompt",
                                        [PARAM_RETRIED] = "prompt or list<prompt>",
                                        [PARAM_SUBJECT] = "str",
                                        [PARAM_CATEGORIES] = "list<category>",
                                        [PARAM_CAUSE] = "cause",
                                        [PARAM_MEDIUM] = "medium",
                                        [PARAM_SCHEDULE] = "schedule",
                                        [PARAM_STRATEGY] = "strategy",
                                        [PARAM_CONTACT_ZONE] = "zone",
                                        [PARAM_CLOCKS] = "zone"};
    return type < sizeof texts / sizeof *texts && texts[type] ? texts[type] : "value";
}

static const char *result_text(enum result_kind result)
{
    static const char *const texts[] = {[RESULT_STR] = ": str",           [RESULT_INT] = ": int",
                                        [RESULT_BOOL] = ": bool",         [RESULT_VALUES] = ": map<value>",
                                        [RESULT_TARGET] = ": target",     [RESULT_ELEMENT] = ": T",
                                        [RESULT_CATEGORY] = ": category", [RESULT_TIMES] = ": list<time>",
                                        [RESULT_BLOB] = ": blob",         [RESULT_CATEGORIES] = ": list<category>"};
    return result < sizeof texts / sizeof *texts && texts[result] ? texts[result] : "";
}

const char *tell_step_param(struct arena *arena, const struct step_param *param)
{
    if (param->need == PARAM_REST) return arena_printf(arena, "%s...", param->name);
    return arena_printf(arena, "%s: %s%s", param->name, param_type(param->type),
                        param->need == PARAM_OPTIONAL ? "?" : "");
}

/* Returns the signature; for steps with a syntax of their own (select, route ...), which have no brackets, only name
 * and result. */
const char *tell_step_signature(struct arena *arena, const struct step_row *row)
{
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step_params(row, params);
    const char *text = row->name;
    if (strchr(row->name, '.')) {
        text = arena_printf(arena, "%s(", text);
        for (uint32_t i = 0; i < count; i++)
            text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", tell_step_param(arena, params[i]));
        text = arena_printf(arena, "%s)", text);
    }
    return arena_printf(arena, "%s%s", text, result_text(row->result));
}

/* The words are those of the manual (chapters of gcx(7) are made from the same rows), so that both say the same. */
const char *tell_step(struct arena *arena, const struct step_row *row)
{
    const char *codes[STEP_EXITS_MAX];
    uint32_t count = step_exits(row, EXITS_ALL, codes);
    int64_t us;
    const char *exits = "`timeout`";
    for (uint32_t i = 0; i < count; i++) exits = arena_printf(arena, "%s, `%s`", exits, codes[i]);
    enum timeout_kind kind = step_timeout(row, &us);
    const char *seconds = arena_printf(arena, "%lld s", (long long)(us / 1000000));
    const char *timeout = kind == TIMEOUT_FIXED      ? seconds
                          : kind == TIMEOUT_TRY      ? arena_printf(arena, "%s a try", seconds)
                          : kind == TIMEOUT_ARGUMENT ? arena_printf(arena, "its duration and %s", seconds)
                          : kind == TIMEOUT_SITE     ? "the site's `default timeout`"
                                                     : "none";
    return arena_printf(arena, "It %s%s.\n\nFails with %s. Timeout, unless written: %s.", step_doc(row),
                        row->media == MEDIA_ALL ? ""
                                                : arena_printf(arena, ", on %s", media_set_text(media_set(row->media))),
                        exits, timeout);
}

/* Returns the text up to the beginning of a body or list, on one line. The text was copied for this (analysis_text),
 * so blanks are removed in place: the place written is never after the place read. */
static const char *tell_written(const struct analysis *analysis, struct source_span span, bool whole)
{
    char *text = (char *)analysis_text(analysis, span), *to = text;
    bool space = false;
    for (const char *from = text; *from && to - text < LINE_MAX_SHOWN; from++) {
        if (!whole && (*from == '{' || *from == ';')) break;
        bool is_space = *from == ' ' || *from == '\n' || *from == '\t' || *from == '\r';
        if (is_space) {
            space = to > text;
            continue;
        }
        if (space) *to++ = ' ';
        space = false;
        *to++ = *from;
    }
    text[source_utf8_check(text, (size_t)(to - text))] = '\0'; /* a character is not cut in two */
    return text;
}

/* A `let` gets its type from the checker, not from the source; a constant without a written type has its value's. */
const struct type *tell_declared_type(const struct naming *declared)
{
    const struct node *node = declared->node;
    switch (node->kind) {
    case NODE_LET:
        return node->meaning ? ((const struct symbol *)node->meaning)->type : NULL;
    case NODE_FIELD:
        return node->field.type ? node->field.type->type : NULL;
    case NODE_PARAM:
        return node->param.type ? node->param.type->type : NULL;
    case NODE_COLUMN:
        return node->column.type ? node->column.type->type : NULL;
    case NODE_CONST:
        return node->constant.type    ? node->constant.type->type
               : node->constant.value ? node->constant.value->type
                                      : NULL;
    case NODE_SITE_PARAMETER:
        return node->parameter.type ? node->parameter.type->type : NULL;
    default:
        return declared->symbol ? declared->symbol->type : NULL;
    }
}

/* A declaration with a body is shown up to the brace; records, enums and constants as a whole. */
const char *tell_declaration(const struct analysis *analysis, const struct naming *declared)
{
    const struct node *node = declared->node, *holder = declared->holder;
    const struct type *type = tell_declared_type(declared);
    struct arena *arena = analysis->arena;
    const char *of = type ? arena_printf(arena, ": %s", type->text) : "";
    switch (node->kind) {
    case NODE_LET:
        return arena_printf(arena, "let %s%s", declared->name, of);
    case NODE_FIELD:
        return arena_printf(arena, "%s%s%s", holder && holder->kind == NODE_RECORD ? "" : "attached ", declared->name,
                            of);
    case NODE_PARAM:
        return arena_printf(arena, "%s%s", declared->name, of);
    case NODE_LABEL:
        if (holder && holder->kind == NODE_SITE_NAMES)
            return arena_printf(arena, "%s %s", ast_kind_word(holder->site_names.kind), declared->name);
        return declared->name;
    case NODE_HANDLER:
        if (node->handler.signal.text) return arena_printf(arena, "%s: %s", declared->name, node->handler.signal.text);
        return arena_printf(arena, "%s: error", declared->name);
    case NODE_OTHERWISE:
        return arena_printf(arena, "%s: error", declared->name);
    case NODE_LABELLED:
        return arena_printf(arena, "%s:", declared->name);
    case NODE_RECORD:
    case NODE_ENUM:
    case NODE_CONST:
    case NODE_SITE_SOURCE:
    case NODE_SITE_PARAMETER:
        return tell_written(analysis, node->span, true);
    default:
        return tell_written(analysis, node->span, false);
    }
}

/* Names in a list (agent anna, ben;) share the comment above the list. */
const char *tell_declared_doc(const struct naming *declared)
{
    if (declared->node->doc) return declared->node->doc;
    bool list = declared->node->kind == NODE_LABEL && declared->holder;
    return list ? declared->holder->doc : NULL;
}
