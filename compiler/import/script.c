/* compiler/import/script.c - Reads ECMAScript by operator precedence; text that it does not know becomes
 * SCRIPT_OTHER, up to the end of the statement.
 *
 *     script_statement() -> script_known() -> script_choice() -> script_binary() -> script_unary() -> script_primary()
 *
 * A fault only sets `bad`: every function then returns soon, with any node. script_statement() checks `bad`, goes
 * back to the beginning of the statement, and takes it as text. Nodes point into a copy of the source (`begin`,
 * `end`), so the text of each can be quoted. The depth is counted, so that no file overflows the C stack.
 *
 * A name that a function or a block declares is renamed with a space in it ("count 3"), which no source can contain:
 * so two variables of one name stay two. */
#include "compiler/import/script.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum token { TOKEN_END, TOKEN_NUMBER, TOKEN_TEXT, TOKEN_NAME, TOKEN_SIGN, TOKEN_ODD };

struct script_reader {
    struct arena *arena;
    const char *at, *end;
    enum token token;
    const char *begin;  /* where the token begins */
    const char *before; /* the end of the previous token */
    const char *text;   /* the token's name, sign or value */
    bool line;          /* a line ended between the previous token and this one */
    bool bad;           /* the text being read is not of the usual kinds */
    unsigned depth;
    unsigned braces, functions; /* the number of open braces and functions around the reader */
    unsigned scopes;            /* the number of renamed names so far */
};

/* ---- tokens ---- */

/* `line`: a line ended before the next token. At such a place ECMAScript may end a statement without a semicolon. */
static void script_skip(struct script_reader *r)
{
    r->line = false;
    while (r->at < r->end) {
        if (isspace((unsigned char)*r->at)) {
            if (*r->at == '\n' || *r->at == '\r') r->line = true;
            r->at++;
        } else if (r->at + 1 < r->end && r->at[0] == '/' && r->at[1] == '/') {
            while (r->at < r->end && *r->at != '\n' && *r->at != '\r') r->at++;
        } else if (r->at + 1 < r->end && r->at[0] == '/' && r->at[1] == '*') {
            const char *close = strstr(r->at + 2, "*/");
            r->at = close ? close + 2 : r->end;
            r->line = true;
        } else {
            return;
        }
    }
}

static bool script_letter(int c)
{
    return isalnum(c) || c == '_' || c == '$' || c >= 0x80;
}

/* Reads a text; its closing quote is searched first, so that the needed memory is known. A text without an end stays
 * TOKEN_ODD. */
static void script_quoted(struct script_reader *r)
{
    char quote = *r->at++;
    const char *close = r->at;
    while (close < r->end && *close != quote && *close != '\n') close += *close == '\\' && close + 1 < r->end ? 2 : 1;
    char *to = ARENA_ARRAY(r->arena, char, (size_t)(close - r->at) + 1);
    r->text = to;
    r->token = TOKEN_ODD;
    while (r->at < r->end && *r->at != quote && *r->at != '\n') {
        char c = *r->at++;
        /* U+2028 and U+2029 end a line for some readers of ECMAScript, and not for others. */
        if (strncmp(r->at - 1, "\xe2\x80\xa8", 3) == 0 || strncmp(r->at - 1, "\xe2\x80\xa9", 3) == 0) r->bad = true;
        if (c == '\\' && r->at < r->end) {
            c = *r->at++;
            if (strchr("uxbvf0123456789\n\r", c)) r->bad = true;
            c = (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c);
        }
        *to++ = c;
    }
    if (r->at >= r->end || *r->at != quote) return;
    r->at++;
    r->token = TOKEN_TEXT;
}

/* Longer operators come first in the list, so that `===` is found before `==`. */
static void script_next(struct script_reader *r)
{
    static const char *const signs[] = {"===", "!==", ">>>", "==", "!=", "<=", ">=", "&&", "||",
                                        "++",  "--",  "+=",  "-=", "*=", "/=", "=>", "<<", ">>"};
    r->before = r->at;
    script_skip(r);
    r->begin = r->at;
    r->text = "";
    r->token = TOKEN_END;
    if (r->at >= r->end) return;
    unsigned char c = (unsigned char)*r->at;
    if (c == '"' || c == '\'') {
        script_quoted(r);
    } else if (script_letter(c)) {
        while (r->at < r->end && (script_letter((unsigned char)*r->at) || (isdigit(c) && *r->at == '.'))) r->at++;
        r->token = isdigit(c) ? TOKEN_NUMBER : TOKEN_NAME;
        r->text = arena_copy(r->arena, r->begin, (size_t)(r->at - r->begin));
    } else {
        size_t length = 1;
        for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
            if (strncmp(r->at, signs[i], strlen(signs[i])) == 0) {
                length = strlen(signs[i]);
                break;
            }
        r->token = TOKEN_SIGN;
        r->text = arena_intern(r->arena, r->at, length);
        r->at += length;
    }
}

static bool script_is(const struct script_reader *r, const char *text)
{
    return (r->token == TOKEN_SIGN || r->token == TOKEN_NAME) && strcmp(r->text, text) == 0;
}

static bool script_take(struct script_reader *r, const char *text)
{
    if (!script_is(r, text)) return false;
    script_next(r);
    return true;
}

static void script_need(struct script_reader *r, const char *text)
{
    if (!script_take(r, text)) r->bad = true;
}

static struct script *script_node(struct script_reader *r, enum script_kind kind, const char *begin)
{
    struct script *node = ARENA_NEW(r->arena, struct script);
    node->kind = kind;
    node->text = "";
    node->begin = node->end = begin;
    return node;
}

static struct script *script_close(struct script_reader *r, struct script *node)
{
    node->end = r->before > node->begin ? r->before : node->begin;
    return node;
}

/* ---- expressions ---- */

static struct script *script_choice(struct script_reader *);
static struct script *script_block(struct script_reader *);
static bool script_each(struct script *list, bool (*look)(struct script *, void *), void *self);
static bool script_var_is_own(struct script *, void *body);

/* Reads expressions with commas between them, up to the sign that closes the list. */
static struct script *script_several(struct script_reader *r, const char *close)
{
    struct script *first = NULL, **end = &first;
    while (!r->bad && !script_is(r, close)) {
        *end = script_choice(r);
        end = &(*end)->next;
        if (!script_take(r, ",")) break;
    }
    script_need(r, close);
    return first;
}

/* Reads an object: each member is a node whose `text` is the key and whose `left` is the value. */
static struct script *script_object(struct script_reader *r, const char *begin)
{
    struct script *object = script_node(r, SCRIPT_OBJECT, begin), **end = &object->parts;
    while (!r->bad && !script_is(r, "}")) {
        struct script *part = script_node(r, SCRIPT_OBJECT, r->begin);
        if (r->token != TOKEN_NAME && r->token != TOKEN_TEXT && r->token != TOKEN_NUMBER) r->bad = true;
        part->text = r->text;
        script_next(r);
        script_need(r, ":");
        part->left = script_choice(r);
        *end = script_close(r, part);
        end = &part->next;
        if (!script_take(r, ",")) break;
    }
    script_need(r, "}");
    return object;
}

/* Reads a function; it must have no parameters, else it is not of the usual kinds. */
static struct script *script_primary(struct script_reader *r)
{
    const char *begin = r->begin;
    struct script *node = script_node(r, SCRIPT_NAME, begin);
    node->text = r->text;
    if (r->token == TOKEN_NUMBER || r->token == TOKEN_TEXT) {
        node->kind = r->token == TOKEN_NUMBER ? SCRIPT_NUMBER : SCRIPT_TEXT;
        script_next(r);
    } else if (script_take(r, "(")) {
        node = script_choice(r);
        script_need(r, ")");
    } else if (script_take(r, "[")) {
        node->kind = SCRIPT_LIST;
        node->parts = script_several(r, "]");
    } else if (script_take(r, "{")) {
        node = script_object(r, begin);
    } else if (script_take(r, "function")) {
        node->kind = SCRIPT_FUNCTION;
        if (r->token == TOKEN_NAME) script_next(r);
        script_need(r, "(");
        script_need(r, ")");
        r->functions++;
        if (!r->bad) node->parts = script_block(r);
        r->functions--;
        if (!script_each(node->parts, script_var_is_own, node->parts)) r->bad = true;
    } else if (script_take(r, "new")) {
        node->kind = SCRIPT_NEW;
        node->left = script_node(r, SCRIPT_NAME, r->begin);
        node->left->text = r->text;
        if (r->token != TOKEN_NAME) r->bad = true;
        script_next(r);
        if (script_take(r, "(")) node->parts = script_several(r, ")");
        if (strcmp(node->left->text, "Object") == 0 && !node->parts) node->kind = SCRIPT_OBJECT;
    } else if (r->token == TOKEN_NAME) {
        script_next(r);
    } else {
        r->bad = true;
    }
    return script_close(r, node);
}

/* Reads a chain: a.b[c](d) becomes four nodes, each with the previous one as its `left`. The length of the chain is
 * limited, since it is later visited by recursion. */
static struct script *script_postfix(struct script_reader *r)
{
    const char *begin = r->begin;
    struct script *node = script_primary(r);
    for (unsigned links = 0; !r->bad; links++) {
        struct script *whole = script_node(r, SCRIPT_MEMBER, begin);
        whole->left = node;
        if (links > SCRIPT_DEPTH) {
            r->bad = true;
        } else if (script_take(r, ".")) {
            if (r->token != TOKEN_NAME) r->bad = true;
            whole->text = r->text;
            script_next(r);
        } else if (script_take(r, "[")) {
            whole->kind = SCRIPT_INDEX;
            whole->right = script_choice(r);
            script_need(r, "]");
        } else if (script_take(r, "(")) {
            whole->kind = SCRIPT_CALL;
            whole->parts = script_several(r, ")");
        } else {
            return node;
        }
        node = script_close(r, whole);
    }
    return node;
}

static struct script *script_unary(struct script_reader *r)
{
    static const char *const signs[] = {"!", "-", "+", "typeof"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (!script_is(r, signs[i])) continue;
        struct script *node = script_node(r, SCRIPT_UNARY, r->begin);
        node->text = signs[i];
        script_next(r);
        if (++r->depth > SCRIPT_DEPTH) r->bad = true;
        node->left = r->bad ? node : script_unary(r);
        r->depth--;
        return script_close(r, node);
    }
    return script_postfix(r);
}

static int script_rank(const struct script_reader *r)
{
    static const struct {
        const char *sign;
        int rank;
    } ranks[] = {{"||", 1}, {"&&", 2}, {"==", 3}, {"===", 3}, {"!=", 3}, {"!==", 3}, {"<", 4}, {">", 4},
                 {"<=", 4}, {">=", 4}, {"+", 5},  {"-", 5},   {"*", 6},  {"/", 6},   {"%", 6}};
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks && r->token == TOKEN_SIGN; i++)
        if (strcmp(r->text, ranks[i].sign) == 0) return ranks[i].rank;
    return 0;
}

/* Reads operators: those of one rank bind from the left, so the right side is read with the next higher rank. */
static struct script *script_binary(struct script_reader *r, int least)
{
    const char *begin = r->begin;
    struct script *left = script_unary(r);
    unsigned links = 0;
    for (int rank; !r->bad && (rank = script_rank(r)) >= least && rank > 0;) {
        struct script *node = script_node(r, SCRIPT_BINARY, begin);
        if (++links > SCRIPT_DEPTH) r->bad = true;
        node->text = r->text;
        node->left = left;
        script_next(r);
        node->right = script_binary(r, rank + 1);
        left = script_close(r, node);
    }
    return left;
}

static struct script *script_choice(struct script_reader *r)
{
    const char *begin = r->begin;
    if (r->depth >= SCRIPT_DEPTH) r->bad = true;
    if (r->bad) return script_node(r, SCRIPT_OTHER, begin);
    r->depth++;
    struct script *node = script_binary(r, 1);
    if (!r->bad && script_take(r, "?")) {
        struct script *whole = script_node(r, SCRIPT_CHOICE, begin);
        whole->left = node;
        whole->right = script_choice(r);
        script_need(r, ":");
        whole->third = script_choice(r);
        node = script_close(r, whole);
    }
    r->depth--;
    return node;
}

/* ---- statements ---- */

static struct script *script_statement(struct script_reader *);

/* Every round skips at least one token, so a statement that is not understood cannot stop the reader. */
static struct script *script_list(struct script_reader *r)
{
    struct script *first = NULL, **end = &first;
    while (r->token != TOKEN_END && !script_is(r, "}")) {
        const char *at = r->begin;
        *end = script_statement(r);
        while (*end) end = &(*end)->next;
        if (r->begin == at && r->token != TOKEN_END) script_next(r); /* any token is skipped here */
    }
    return first;
}

/* ---- scopes ---- */

/* Calls `look` for each node and its parts until it returns false. */
static bool script_each(struct script *list, bool (*look)(struct script *, void *), void *self)
{
    for (struct script *node = list; node; node = node->next) {
        struct script *const parts[] = {node->left, node->right, node->third, node->parts, node->others};
        if (!look(node, self)) return false;
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            if (parts[i] && !script_each(parts[i], look, self)) return false;
    }
    return true;
}

/* Does the node itself contain the name? A node of source that was not understood contains each word of its text. */
static bool script_says(const struct script *node, const char *name)
{
    if (node->kind == SCRIPT_NAME) return strcmp(node->text, name) == 0;
    for (const char *at = node->begin; node->kind == SCRIPT_OTHER && at < node->end; at++)
        if (strncmp(at, name, strlen(name)) == 0) return true;
    return false;
}

static bool script_says_not(struct script *node, void *name)
{
    return !script_says(node, name);
}

struct script_local {
    char *name;
    const char *own;
};

static bool script_own(struct script *node, void *self)
{
    const struct script_local *local = self;
    if (!script_says(node, local->name)) return true;
    if (node->kind == SCRIPT_NAME) node->text = local->own;
    return node->kind == SCRIPT_NAME;
}

/* Renames a name that a function or a block declares: it is another variable than one of that name outside. The
 * change is surely right where the name is declared with its value before any use; else the whole statement counts
 * as not understood. A `var` of a block belongs to its function; if the function uses the name elsewhere, the node
 * keeps the name. */
static void script_scope(struct script_reader *r, struct script *list)
{
    for (struct script *node = list; node && !r->bad; node = node->next) {
        bool declares = node->kind == SCRIPT_ASSIGN && *node->text && !strchr(node->text, ' ');
        bool var = declares && strcmp(node->text, "var") == 0;
        if (!declares || (var && r->functions == 0)) continue;
        const char *name = node->left->text;
        struct script_local local = {.name = arena_copy(r->arena, name, strlen(name))};
        local.own = arena_printf(r->arena, "%s %u", name, ++r->scopes);
        for (struct script *before = list; before != node; before = before->next) {
            struct script *next = before->next;
            before->next = NULL;
            if (!script_each(before, script_says_not, local.name)) r->bad = true;
            before->next = next;
        }
        if (!script_each(node->right, script_says_not, local.name) || !script_each(node, script_own, &local))
            r->bad = true;
        node->text = var ? arena_printf(r->arena, "var %s", local.name) : "";
    }
}

static bool script_var_is_own(struct script *node, void *body)
{
    if (node->kind != SCRIPT_ASSIGN || strncmp(node->text, "var ", 4) != 0) return true;
    char name[256];
    bool fits = snprintf(name, sizeof name, "%s", node->text + 4) < (int)sizeof name;
    node->text = "";
    return fits && script_each(body, script_says_not, name);
}

static struct script *script_block(struct script_reader *r)
{
    if (!script_take(r, "{")) return script_statement(r);
    if (++r->depth >= SCRIPT_DEPTH) r->bad = true;
    r->braces++;
    struct script *list = r->bad ? NULL : script_list(r);
    r->braces--;
    r->depth--;
    script_need(r, "}");
    script_scope(r, list);
    return list;
}

/* Reads an assignment: a += b becomes a = a + b, so that users of the tree know one kind of assignment. a++ has the
 * operator "++", because ECMAScript makes a number of a text there, which + does not. */
static struct script *script_set(struct script_reader *r, const char *begin)
{
    static const char *const sets[] = {"+=", "-=", "*=", "/="};
    struct script *left = script_choice(r), *node = script_node(r, SCRIPT_ACT, begin);
    node->left = left;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        if (!script_is(r, sets[i])) continue;
        node->kind = SCRIPT_ASSIGN;
        node->right = script_node(r, SCRIPT_BINARY, r->begin);
        node->right->text = arena_copy(r->arena, sets[i], 1);
        script_next(r);
        node->right->left = left;
        node->right->right = script_choice(r);
        return script_close(r, node);
    }
    if (script_take(r, "++") || script_is(r, "--")) {
        struct script *one = script_node(r, SCRIPT_NUMBER, begin);
        one->text = "1";
        node->kind = SCRIPT_ASSIGN;
        node->right = script_node(r, SCRIPT_BINARY, begin);
        node->right->text = script_take(r, "--") ? "-" : "++"; /* ++ makes a number of a text first */
        node->right->left = left, node->right->right = one;
        return script_close(r, node);
    }
    if (!script_take(r, "=")) return script_close(r, node);
    node->kind = SCRIPT_ASSIGN;
    node->right = script_choice(r);
    return script_close(r, node);
}

/* Reads a declaration; one without a value gives no node: the name gets its first value where it is set. */
static struct script *script_declared(struct script_reader *r, const char *how)
{
    struct script *first = NULL, **end = &first;
    do {
        const char *begin = r->begin;
        struct script *node = script_node(r, SCRIPT_ASSIGN, begin);
        node->text = how;
        node->left = script_primary(r);
        if (node->left->kind != SCRIPT_NAME) r->bad = true;
        if (!script_take(r, "=")) { /* outside of all blocks a variable is declared where it is used */
            r->bad = r->bad || (strcmp(how, "var") == 0 ? r->functions : r->braces) > 0;
            continue;
        }
        node->right = script_choice(r);
        *end = script_close(r, node);
        end = &node->next;
    } while (!r->bad && script_take(r, ","));
    return first;
}

/* Reads a switch as a chain of `if` and `else`. Each case compares the value by `===`; cases that share a body are
 * joined by `||`. Each body but the last must end with break, return or throw, and `default` must be last: a switch
 * that breaks one of these rules sets `bad`. */
static struct script *script_switch(struct script_reader *r, const char *begin)
{
    struct script *first = NULL, **end = &first, *asked = NULL;
    script_need(r, "(");
    struct script *value = script_choice(r);
    script_need(r, ")");
    script_need(r, "{");
    while (!r->bad && !script_is(r, "}")) {
        struct script *node = script_node(r, SCRIPT_IF, begin), **last = &node->parts;
        bool other = script_take(r, "default");
        if (!other) {
            script_need(r, "case");
            struct script *same = script_node(r, SCRIPT_BINARY, r->begin);
            same->text = "===", same->left = value, same->right = script_choice(r);
            if (asked) {
                struct script *either = script_node(r, SCRIPT_BINARY, r->begin);
                either->text = "||", either->left = asked, either->right = same;
                same = either;
            }
            asked = script_close(r, same);
        }
        script_need(r, ":");
        if (!other && (script_is(r, "case") || r->bad)) continue;
        bool ends = false;
        while (!r->bad && !ends && !script_is(r, "case") && !script_is(r, "default") && !script_is(r, "}")) {
            if (script_take(r, "break")) {
                script_take(r, ";");
                ends = true;
                break;
            }
            *last = script_statement(r);
            while (*last) {
                if ((*last)->kind == SCRIPT_ASSIGN && *(*last)->text && strcmp((*last)->text, "var") != 0)
                    r->bad = true; /* the name belongs to the whole switch */
                ends = ends || (*last)->kind == SCRIPT_RETURN || (*last)->kind == SCRIPT_THROW;
                last = &(*last)->next;
            }
        }
        if (!ends && !script_is(r, "}")) r->bad = true;
        node->left = other ? NULL : asked;
        asked = NULL;
        if (other && !script_is(r, "}")) r->bad = true;
        *end = other ? node->parts : script_close(r, node);
        if (!other) end = &node->others;
    }
    script_need(r, "}");
    return first;
}

/* The caller saves the reader's state: where `bad` is set, all that was read here is read again as text. */
static struct script *script_known(struct script_reader *r, const char *begin)
{
    struct script *node = script_node(r, SCRIPT_IF, begin);
    if (script_take(r, "if")) {
        script_need(r, "(");
        node->left = script_choice(r);
        script_need(r, ")");
        if (!r->bad) node->parts = script_block(r);
        if (!r->bad && script_take(r, "else")) node->others = script_block(r);
        return script_close(r, node);
    }
    if (script_take(r, "try")) {
        node->kind = SCRIPT_TRY;
        node->parts = script_block(r);
        if (!r->bad && script_take(r, "catch")) {
            if (script_take(r, "(")) {
                script_next(r);
                script_need(r, ")");
            }
            if (!r->bad) node->others = script_block(r);
        }
        if (script_is(r, "finally")) r->bad = true;
        return script_close(r, node);
    }
    if (script_take(r, "switch")) return script_switch(r, begin);
    if (script_take(r, "return")) {
        node->kind = SCRIPT_RETURN;
        if (!script_is(r, ";") && !script_is(r, "}") && !r->line && r->token != TOKEN_END)
            node->left = script_choice(r);
        return script_close(r, node);
    }
    if (script_take(r, "throw")) {
        node->kind = SCRIPT_THROW;
        node->left = script_choice(r);
        return script_close(r, node);
    }
    static const char *const declares[] = {"var", "let", "const"};
    for (size_t i = 0; i < sizeof declares / sizeof *declares; i++)
        if (script_take(r, declares[i])) return script_declared(r, declares[i]);
    if (script_is(r, "{")) return script_block(r);
    return script_set(r, begin);
}

/* Skips the statement: to its semicolon, or to the end of its block; brackets are skipped in pairs. */
static void script_pass(struct script_reader *r)
{
    unsigned open = 0;
    while (r->token != TOKEN_END) {
        bool opens = script_is(r, "{") || script_is(r, "(") || script_is(r, "[");
        bool closes = script_is(r, "}") || script_is(r, ")") || script_is(r, "]");
        bool block = script_is(r, "}");
        if (closes && open == 0) return;
        open = opens ? open + 1 : closes ? open - 1 : open;
        bool last = open == 0 && (block || script_is(r, ";"));
        script_next(r);
        if (last) {
            if (!block || (!script_is(r, "else") && !script_is(r, "catch") && !script_is(r, "finally") &&
                           !script_is(r, ")") && !script_is(r, ";") && !script_is(r, ".") && !script_is(r, "(")))
                return;
        }
    }
}

/* Reads a statement, and notes where it begins. If it is not understood, the reader goes back to that place and
 * takes the whole statement as text. */
static struct script *script_statement(struct script_reader *r)
{
    while (script_take(r, ";")) continue;
    if (r->token == TOKEN_END || script_is(r, "}")) return NULL;
    struct script_reader begun = *r;
    if (r->depth >= SCRIPT_DEPTH) r->bad = true;
    r->depth++;
    struct script *node = r->bad ? NULL : script_known(r, r->begin);
    r->depth--;
    bool ends = r->token == TOKEN_END || script_is(r, ";") || script_is(r, "}") || r->line ||
                (r->before > begun.begin && r->before[-1] == '}') || script_is(r, "else");
    if (node && (node->kind == SCRIPT_IF || node->kind == SCRIPT_TRY)) ends = true;
    if (!r->bad && r->token != TOKEN_ODD && ends) {
        script_take(r, ";");
        return node;
    }
    bool deep = begun.depth >= SCRIPT_DEPTH || begun.bad;
    *r = begun;
    r->bad = false;
    script_pass(r);
    r->bad = deep && begun.bad;
    return script_close(r, script_node(r, SCRIPT_OTHER, begun.begin));
}

/* Reads at most SCRIPT_BYTES; the text after these is cut off. */
static struct script_reader script_begin(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    if (length > SCRIPT_BYTES) length = SCRIPT_BYTES;
    const char *copy = arena_copy(arena, text, length); /* the text ends with a zero byte, even if it was cut */
    struct script_reader r = {.arena = arena, .at = copy, .end = copy + length, .before = copy};
    script_next(&r);
    return r;
}

struct script *script_expression(struct arena *arena, const char *text)
{
    struct script_reader r = script_begin(arena, text);
    struct script *node = script_choice(&r), *whole;
    script_take(&r, ";");
    if (!r.bad && r.token == TOKEN_END) return node;
    /* `x = 1` in the place of a condition: the designer meant to compare. */
    r = script_begin(arena, text);
    whole = script_set(&r, r.begin);
    script_take(&r, ";");
    if (!r.bad && r.token == TOKEN_END && whole->kind == SCRIPT_ASSIGN) return whole;
    node = ARENA_NEW(arena, struct script);
    *node = (struct script){.kind = SCRIPT_OTHER, .text = "", .begin = text, .end = text + strlen(text)};
    return node;
}

/* Reads a list of statements; a closing brace without an opening one ends a list; it is skipped here, and reading
 * continues after it. */
struct script *script_statements(struct arena *arena, const char *text)
{
    struct script_reader r = script_begin(arena, text);
    struct script *first = NULL, **end = &first;
    while (r.token != TOKEN_END) {
        *end = script_list(&r);
        while (*end) end = &(*end)->next;
        r.bad = false, r.depth = 0;
        if (r.token != TOKEN_END) script_next(&r); /* a brace too many */
    }
    return first;
}

const char *script_source(struct arena *arena, const struct script *node)
{
    assert(node->end >= node->begin);
    return arena_copy(arena, node->begin, (size_t)(node->end - node->begin));
}
