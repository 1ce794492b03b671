/* compiler/lsp/complete_view.c - Offers words in the lines of a view: the columns of vm/bin_columns.def and the keys
 * that the site attaches. */
#include <ctype.h>
#include <string.h>

#include "compiler/lsp/complete.h"
#include "vm/bin_view.h"

/* True: the cursor is within the braces of a view. */
static bool view_holds_cursor(const struct typing *typing)
{
    const char *text = typing->analysis->source->text;
    size_t at = typing->at - typing->analysis->source->base;
    while (at > 0 && text[at - 1] != '{' && text[at - 1] != '}') at--;
    if (at == 0 || text[at - 1] != '{') return false;
    size_t head = complete_item_begin(text, at - 1);
    while (isspace((unsigned char)text[head])) head++;
    return complete_item_is(text + head, "view");
}

/* Offers the site's keys except secret ones, which no view may show. */
static void view_offer_key(struct typing *typing, const struct node *node)
{
    for (const struct node *item = node->kind == NODE_SITE ? node->site.items.first : NULL; item; item = item->next)
        if (item->kind == NODE_SITE_KEYS)
            EACH_NODE (field, item->site_keys.fields)
                if (!field->field.secret) complete_declared(typing, field, item);
}

static void view_offer_words(struct typing *typing, unsigned use)
{
    for (unsigned i = 0; i < BIN_COLUMNS; i++)
        if (bin_columns[i].uses & use)
            complete_offer(typing, bin_columns[i].word, ITEM_FIELD, "column", bin_columns[i].doc);
    complete_each(typing, view_offer_key);
}

bool complete_view(struct typing *typing, const struct typed_before *before)
{
    const char *item = complete_item(typing), *text = typing->analysis->source->text;
    size_t at = typing->at - typing->analysis->source->base;
    if (!view_holds_cursor(typing)) return false;
    while (at > 0 && before_is_name_byte(text[at - 1])) at--;
    while (at > 0 && isspace((unsigned char)text[at - 1])) at--;
    bool comma = at > 0 && text[at - 1] == ',';
    bool falls = at > 0 && text[at - 1] == '-';
    if (at > 0 && strchr(";{", text[at - 1])) {
        complete_offer(typing, "where", ITEM_KEYWORD, "conditions, separated by commas", NULL);
        complete_offer(typing, "order by", ITEM_KEYWORD, "the column by which the list is sorted", NULL);
        complete_offer(typing, "columns", ITEM_KEYWORD, "what is shown of each item", NULL);
    } else if (complete_item_is(item, "where") && (comma || complete_word_is(before->word[0], "where"))) {
        view_offer_words(typing, BIN_ASKED);
    } else if (complete_item_is(item, "order") && (falls || complete_word_is(before->word[0], "by"))) {
        view_offer_words(typing, BIN_ORDERS);
    } else if (complete_item_is(item, "order") && complete_word_is(before->word[0], "order")) {
        complete_offer(typing, "by", ITEM_KEYWORD, NULL, NULL);
    } else if (complete_item_is(item, "columns") && (comma || complete_word_is(before->word[0], "columns"))) {
        view_offer_words(typing, BIN_SHOWN);
    } else {
        return false;
    }
    return true;
}
