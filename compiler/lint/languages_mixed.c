/* compiler/lint/languages_mixed.c - Finds prompts of two languages in a row. Where a site has a prompt in several
 * languages, their names end in the language: welcome_fr, welcome_en.
 *
 *     ivr.play(prompt welcome_fr);
 *     ivr.play(prompt queue_en);
 *
 * Prompts that are the same text in several languages, one after the other, are allowed: they greet callers of all
 * languages. */
#include <string.h>

#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

/* Returns the language at the end of a prompt's name, two letters after the last `_`; NULL: the name has none. */
static const char *prompt_language(const char *name)
{
    const char *tail = strrchr(name, '_');
    return tail && tail != name && strlen(tail) == 3 ? tail + 1 : NULL;
}

/* Does the site have this prompt in another language, too? */
static bool has_several(const struct lint *lint, const char *name)
{
    if (!lint->program->site) return false;
    EACH_NODE (item, lint->program->site->site.items) {
        if (item->kind != NODE_SITE_NAMES || item->site_names.kind != KIND_PROMPT) continue;
        EACH_NODE (label, item->site_names.labels) {
            const char *other = label->label.name.text;
            if (strlen(other) == strlen(name) && strcmp(other, name) != 0 && prompt_language(other) &&
                strncmp(other, name, strlen(name) - 2) == 0)
                return true;
        }
    }
    return false;
}

/* Returns the prompt that the statement plays, if its name ends in a language. */
static const struct node *prompt_played(const struct lint *lint, const struct node *statement)
{
    const struct step_use *use = statement->kind == NODE_DO ? lint_step(statement->act.value) : NULL;
    if (!use || use->row->id != STEP_ID_ivr_play) return NULL;
    const struct node *prompt = use->arguments[0];
    if (!prompt || prompt->kind != NODE_KIND_NAME || prompt->kind_name.kind != KIND_PROMPT) return NULL;
    const char *name = prompt->kind_name.name.text;
    return prompt_language(name) && has_several(lint, name) ? prompt : NULL;
}

void lint_languages_mixed(struct lint *lint)
{
    EACH_OF (lint, block, NODE_BLOCK)
        EACH_NODE (statement, block->block.statements) {
            const struct node *one = prompt_played(lint, statement);
            const struct node *other = statement->next ? prompt_played(lint, statement->next) : NULL;
            if (!one || !other) continue;
            const char *first = one->kind_name.name.text, *second = other->kind_name.name.text;
            bool alike = strlen(first) == strlen(second) && strncmp(first, second, strlen(first) - 2) == 0;
            if (alike || strcmp(prompt_language(first), prompt_language(second)) == 0) continue;
            diag_note(lint_report(lint, LANGUAGES_MIXED, other->span, first), one->span, "here");
        }
}
