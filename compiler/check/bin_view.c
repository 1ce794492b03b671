/* compiler/check/bin_view.c - The site's views: which columns and keys of user data they show, in which order, and
 * what an item must be like to be in them.
 *
 *     view urgent of queue mails { where priority >= 50, tier == gold; order by due; columns from, subject, tier; }
 *
 * A word is a column of vm/bin_columns.def, or else a key that the site attaches. A secret key is in no view: whoever
 * reads the list would see it, or learn it from what matches. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

#include "base/near.h"
#include "vm/bin_view.h"

static const struct symbol *view_key(const struct checker *c, const char *word)
{
    for (uint32_t i = 0; i < c->site_key_count; i++)
        if (!strcmp(c->site_keys[i]->name, word)) return c->site_keys[i];
    return NULL;
}

static const char *view_near(const struct checker *c, const char *word, unsigned use)
{
    for (unsigned i = 0; i < BIN_COLUMNS; i++)
        if ((bin_columns[i].uses & use) && near_distance(word, bin_columns[i].word) != UINT32_MAX)
            return bin_columns[i].word;
    for (uint32_t i = 0; i < c->site_key_count; i++)
        if (!c->site_keys[i]->secret && near_distance(word, c->site_keys[i]->name) != UINT32_MAX)
            return c->site_keys[i]->name;
    return NULL;
}

/* Lists the columns that have the use: "media, from, ...". */
static const char *view_words(struct checker *c, unsigned use)
{
    const char *text = "";
    for (unsigned i = 0; i < BIN_COLUMNS; i++)
        if (bin_columns[i].uses & use)
            text = arena_printf(c->arena, "%s%s%s", text, *text ? ", " : "", bin_columns[i].word);
    return text;
}

/* Checks a word of a view. `*key`: the key of user data that it names, or NULL. False: it was reported. */
static bool check_view_word(struct checker *c, struct word word, unsigned use, const struct symbol **key)
{
    enum bin_column column = bin_column_named(word.text, (uint32_t)strlen(word.text));
    *key = column == BIN_COLUMNS ? view_key(c, word.text) : NULL;
    if (column != BIN_COLUMNS && (bin_columns[column].uses & use)) return true;
    if (column != BIN_COLUMNS || !*key) {
        const char *what = use == BIN_SHOWN ? "shows no" : use == BIN_ORDERS ? "has no order by" : "asks for no";
        struct diag *diag = report(c, VIEW_RULE, word.span, arena_printf(c->arena, "a view %s '%s'", what, word.text));
        const char *near = view_near(c, word.text, use);
        if (near)
            diag_did_you_mean(diag, near, (struct source_span){0, 0});
        else
            diag_hint(diag, "%s, or a key that the site attaches", view_words(c, use));
        return false;
    }
    if ((*key)->secret) {
        diag_note(report(c, VIEW_RULE, word.span, arena_printf(c->arena, "'%s' is secret", word.text)), (*key)->where,
                  "here");
        return false;
    }
    const struct type *type = type_bare((*key)->type);
    if (type->kind == LANG_STR || type->kind == LANG_INT || type->kind == LANG_BOOL || type->kind == LANG_ENUM ||
        type_is_poison(type))
        return true;
    if (type->kind == LANG_TIME && use != BIN_ASKED) return true;
    report(c, VIEW_RULE, word.span,
           arena_printf(c->arena, "'%s' is of the type %s, and not a text, a whole number, a bool or an enum",
                        word.text, type->text));
    return false;
}

/* Returns the type of what a condition compares. */
static const struct type *view_type(struct checker *c, struct word word, const struct symbol *key)
{
    if (key) return type_bare(key->type);
    switch ((enum bin_kind)bin_columns[bin_column_named(word.text, (uint32_t)strlen(word.text))].kind) {
    case BIN_NUMBER:
        return checker_base(c, LANG_INT);
    case BIN_DURATION:
        return checker_base(c, LANG_DURATION);
    default:
        return checker_base(c, LANG_STR);
    }
}

static void check_bin_condition(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_VIEW_CONDITION);
    struct word column = node->view_condition.column, word = node->view_condition.word;
    struct node *value = node->view_condition.value;
    const struct symbol *key;
    if (word.text && strcmp(word.text, "has") != 0) {
        diag_hint(report(c, VIEW_RULE, word.span, arena_printf(c->arena, "nothing is compared by '%s'", word.text)),
                  "has, or a sign such as ==");
        return;
    }
    if (!check_view_word(c, column, BIN_ASKED, &key)) return;
    const struct type *type = view_type(c, column, key);
    if (type_is_poison(type) || type_is_poison(check_as(c, value, type))) return;
    bool text = type->kind == LANG_STR, named = type->kind == LANG_ENUM;
    bool equal = !word.text && (node->view_condition.sign == SIGN_EQ || node->view_condition.sign == SIGN_NE);
    int64_t number;
    const struct node *constant = segment_node_constant(value);
    if (word.text && !text)
        report(c, VIEW_RULE, word.span, "only a text has parts");
    else if (!word.text && !equal && (text || named || type->kind == LANG_BOOL))
        report(c, VIEW_RULE, node->span, "it is equal or not, and has no order");
    else if (text && (constant->kind != NODE_STRING || constant->string.text.length == 0 ||
                      memchr(constant->string.text.bytes, 0, constant->string.text.length)))
        report(c, VIEW_RULE, value->span, "a text is compared with a constant one that is not empty");
    else if (!text && (!segment_node_worth(value, &number) || (named && constant->kind != NODE_NAME)))
        report(c, VIEW_RULE, value->span, "what it is compared with is no constant");
}

/* True: an earlier line of the view begins with the same word. */
static bool view_said_before(const struct node *rules, const struct node *rule)
{
    for (const struct node *one = rules; one != rule; one = one->next)
        if (!strcmp(one->view_rule.what.text, rule->view_rule.what.text)) return true;
    return false;
}

static void check_view_columns(struct checker *c, struct node *rule)
{
    const struct symbol *key;
    EACH_NODE (label, rule->view_rule.parts) {
        if (!check_view_word(c, label->label.name, BIN_SHOWN, &key)) continue;
        EACH_NODE (other, rule->view_rule.parts) {
            if (other == label) break;
            if (!strcmp(other->label.name.text, label->label.name.text))
                report(c, VIEW_RULE, label->span, "this column is named twice");
        }
    }
    if (rule->view_rule.parts.count > VIEW_COLUMNS_MAX)
        report(c, VIEW_RULE, rule->span, arena_printf(c->arena, "it has at most %d columns", VIEW_COLUMNS_MAX));
}

static void check_view_rule(struct checker *c, const struct node *view, struct node *rule)
{
    struct word what = rule->view_rule.what;
    const struct symbol *key;
    if (view_said_before(view->site_view.rules.first, rule))
        report(c, VIEW_RULE, rule->span, arena_printf(c->arena, "it says '%s' twice", what.text));
    if (!strcmp(what.text, "columns")) {
        check_view_columns(c, rule);
    } else if (!strcmp(what.text, "order")) {
        check_view_word(c, rule->view_rule.parts.first->label.name, BIN_ORDERS, &key);
    } else if (!strcmp(what.text, "where")) {
        EACH_NODE (condition, rule->view_rule.parts) check_bin_condition(c, condition);
        if (rule->view_rule.parts.count > VIEW_CONDITIONS_MAX)
            report(c, VIEW_RULE, rule->span,
                   arena_printf(c->arena, "it has at most %d conditions", VIEW_CONDITIONS_MAX));
    } else {
        diag_hint(report(c, VIEW_RULE, what.span, arena_printf(c->arena, "a view says nothing of '%s'", what.text)),
                  "where, order by or columns");
    }
}

void check_bin_view(struct checker *c, const struct node *site, struct node *item)
{
    assert(item->kind == NODE_SITE_VIEW);
    struct node *bin = item->site_view.bin;
    struct word name = item->site_view.name;
    bool workbin = bin->kind_name.kind == KIND_WORKBIN;
    if (bin->kind_name.kind != KIND_QUEUE && !workbin)
        diag_hint(report(c, VIEW_RULE, bin->span, "it is of a queue or a workbin"), "view %s of queue mails",
                  name.text);
    else
        (void)check_as(c, bin, checker_base(c, workbin ? LANG_WORKBIN : LANG_QUEUE));
    if (strlen(name.text) > VIEW_NAME_MAX)
        report(c, VIEW_RULE, name.span, arena_printf(c->arena, "its name has more than %d bytes", VIEW_NAME_MAX));
    EACH_NODE (other, site->site.items) {
        if (other == item) break;
        if (other->kind == NODE_SITE_VIEW && !strcmp(other->site_view.name.text, name.text))
            diag_note(report(c, VIEW_RULE, name.span, "another view has the name"), other->span, "here");
    }
    EACH_NODE (rule, item->site_view.rules) check_view_rule(c, item, rule);
}
