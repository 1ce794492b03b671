/* compiler/lint/word_reserved.c - An answer by text that the way of short messages keeps to itself: by it customers
 * leave, come back, or ask for help (reserved.def).
 *
 *     strategy answers on sms {
 *         segment (message else "") { match "^[Cc]ancel$" -> attach outcome = "cancelled"; else -> {} }
 *
 * The customer's text is the key `message`. Words of other languages are the adapter's setting `languages`. */
#include <string.h>

#include "compiler/lint/lint.h"
#include "runtime/vocabulary/reserved.h"

enum { RESERVED_TEXT = 64 };

/* The text that a plain pattern matches, such as "cancel" of "^[Cc]ancel$", up to its end or a bar. False: the pattern
 * is not plain. */
static bool pattern_word(const char **pattern, char word[RESERVED_TEXT])
{
    size_t length = 0;
    const char *at = *pattern;
    for (; *at && *at != '|'; at++) {
        bool either = at[0] == '[' && at[1] && at[2] && at[3] == ']';
        char letter = either ? at[1] : *at;
        bool plain = either ? (at[1] ^ at[2]) == ('a' ^ 'A') : !strchr("[]{}.*+?\\", letter);
        if (!plain || length == RESERVED_TEXT - 1) return false;
        if (!strchr("^$()", letter)) word[length++] = letter;
        if (either) at += 3;
    }
    word[length] = '\0';
    *pattern = *at ? at + 1 : at;
    return true;
}

static void look_at_text(struct lint *lint, const struct node *node, const char *text, bool pattern)
{
    static const char *const become[] = {[WORDS_STOP] = "takes the customer off the list",
                                         [WORDS_START] = "takes the customer onto the list",
                                         [WORDS_HELP] = "is a question for help"};
    char word[RESERVED_TEXT];
    if (pattern && strncmp(text, "(?i)", 4) == 0) text += 4;
    while (*text) {
        if (!pattern)
            word[0] = '\0', strncat(word, text, RESERVED_TEXT - 1), text += strlen(text);
        else if (!pattern_word(&text, word))
            return;
        enum words_meaning meaning = reserved_read(word, "");
        if (meaning == WORDS_NONE) continue;
        diag_hint(lint_report(lint, WORD_RESERVED, node->span, word, become[meaning]),
                  "ask for another word; the adapter of short messages answers this one itself");
        return;
    }
}

static void find_message(struct node *node, void *context)
{
    bool *found = context;
    if (node->kind == NODE_NAME && strcmp(node->name.name.text, "message") == 0) *found = true;
    if (!*found) node_children(node, find_message, context);
}

static bool reads_message(struct node *node)
{
    bool found = false;
    find_message(node, &found);
    return found;
}

static bool strategy_is_on_sms(const struct node *strategy)
{
    EACH_NODE (medium, strategy->strategy.media)
        if (medium->kind == NODE_NAME && strcmp(medium->name.name.text, "sms") == 0) return true;
    return false;
}

static void look_at_segment(struct lint *lint, const struct node *segment)
{
    if (!reads_message(segment->segment.subject)) return;
    EACH_NODE (arm, segment->segment.arms)
        EACH_NODE (pattern, arm->arm.patterns) {
            if (pattern->kind == NODE_STRING) look_at_text(lint, pattern, pattern->string.text.bytes, false);
            if (pattern->kind == NODE_MATCH) look_at_text(lint, pattern, pattern->match.text.bytes, true);
        }
}

void lint_word_reserved(struct lint *lint)
{
    EACH_OF (lint, strategy, NODE_STRATEGY) {
        if (!strategy_is_on_sms(strategy)) continue;
        EACH_IN (lint, strategy, segment, NODE_SEGMENT) look_at_segment(lint, segment);
        EACH_IN (lint, strategy, binary, NODE_BINARY) {
            struct node *left = binary->binary.left, *right = binary->binary.right;
            bool equal = binary->binary.op == SIGN_EQ || binary->binary.op == SIGN_NE;
            if (equal && right->kind == NODE_STRING && reads_message(left))
                look_at_text(lint, right, right->string.text.bytes, false);
        }
    }
}
