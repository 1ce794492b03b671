/* compiler/import/statements.c - Translates the scripts of blocks, statement by statement. A statement that is not
 * translated becomes a remark in its place.
 *
 *     import_write_script() -> script_statements() text to tree (script.c)
 *                    -> script_find_objects()      objects whose members are attached where they are set
 *                    -> script_write()             tree to statements of gcx
 *
 * A remark alone is not enough: a variable that the statement may have set has another value in the source than in
 * gcx. So script_quote() marks each name that the text may set as lost, and a lost variable is nowhere used as if
 * its value were known. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/import/writer.h"

static const char *const script_silent[] = {"__Log", "_genesys.session.log", "log", "__Debug", "console.log"};

/* True: the call only logs, which changes nothing in the flow, so it may become a remark. */
static bool script_is_log(struct flow_writer *w, const struct script *call)
{
    const char *path = call->kind == SCRIPT_CALL ? import_script_path(w->arena, call->left) : NULL;
    for (size_t i = 0; path && i < sizeof script_silent / sizeof *script_silent; i++)
        if (strcmp(path, script_silent[i]) == 0) return true;
    return false;
}

/* Can the expressions be left out without changing the flow? True: they set nothing, and call only functions that
 * read. */
static bool script_only_reads(struct flow_writer *w, const struct script *list)
{
    static const char *const readers[] = {"JSON.stringify", "String", "Number", "parseInt", "parseFloat"};
    for (const struct script *node = list; node; node = node->next) {
        if (node->kind > SCRIPT_LIST || node->kind == SCRIPT_NEW) return false;
        const char *path = node->kind == SCRIPT_CALL ? import_script_path(w->arena, node->left) : "";
        bool reads = node->kind != SCRIPT_CALL;
        for (size_t i = 0; path && i < sizeof readers / sizeof *readers; i++)
            reads = reads || strcmp(path, readers[i]) == 0;
        if (!reads || !script_only_reads(w, node->left) || !script_only_reads(w, node->right) ||
            !script_only_reads(w, node->third) || !script_only_reads(w, node->parts))
            return false;
    }
    return true;
}

static bool script_is_set_data(struct flow_writer *w, const struct script *call)
{
    const char *path = call->kind == SCRIPT_CALL ? import_script_path(w->arena, call->left) : NULL;
    return path && strcmp(path, "_genesys.ixn.setuData") == 0;
}

/* Returns the value in a form that attached data may have; NULL: none. A key that was attached stays in the user
 * data. */
static const char *attach_value(struct flow_writer *w, struct import_said said)
{
    bool typed = said.type == SAID_INT || said.type == SAID_BOOL;
    if (!said.good || said.truth || said_is_none(said) || (said.maybe && typed)) return NULL;
    if (said.type == SAID_FLOAT) return NULL; /* ECMAScript writes a fraction differently as a text */
    if (said.type == SAID_VALUE) return arena_printf(w->arena, "(%s else \"\")", said.text);
    return said.type == SAID_MAP ? said_as(w, said, SAID_STR) : said.text;
}

/* Attaches a value; false where it cannot be attached: the key's value is then unknown from here on. */
bool import_write_attach(struct flow_writer *w, const char *key, struct import_said said)
{
    const char *value = attach_value(w, said);
    if (!value || !key) {
        import_data_lose(w, key ? key : "");
        return false;
    }
    import_write_guards(w);
    import_data_attached(w, key, said);
    fprintf(w->out, "attach user_data[%s] = %s;\n", key, value);
    return true;
}

/* Sets a member of an object: only a variable set within the flow is surely an object. */
static bool write_set_member(struct flow_writer *w, const char *object, const char *member, struct import_said said)
{
    struct import_variable *variable = flow_variable_named(w, object, false);
    const char *value = said_as(w, said, SAID_STR);
    if (!variable || variable->type != SAID_MAP || !value || strchr(member, '.') || w->in == IN_BUSY) return false;
    fprintf(w->out, "%s[%s] = %s;\n", variable_used(w, variable), name_quoted(w->arena, member, true), value);
    return true;
}

/* Notes that the value of the target is not known from here on. */
static void script_lose(struct flow_writer *w, const char *path)
{
    static const char *const data[] = {".udata", ".userdata"};
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        const char *key = strstr(path, data[i]);
        if (!key) continue;
        key += strlen(data[i]);
        import_data_lose(
            w, *key == '.' ? name_quoted(w->arena, arena_copy(w->arena, key + 1, strcspn(key + 1, ".[")), true) : "");
        return;
    }
    const char *bare = strncmp(path, "AppState.", 9) == 0 ? path + 9 : path;
    bool shared = strncmp(bare, "_data.", 6) == 0;
    size_t length = (shared ? 6U : 0U) + strcspn(bare + (shared ? 6 : 0), ".[");
    if (*bare) variable_lose(w, flow_variable_set(w, arena_copy(w->arena, bare, length)));
}

static bool write_set_known(struct flow_writer *, const struct script *target, struct import_said);

/* Marks a target that cannot be set as lost: later uses must not take the value that it had before. */
bool import_write_set(struct flow_writer *w, const struct script *target, struct import_said said)
{
    if (!said.perhaps && write_set_known(w, target, said)) return true;
    const char *path = import_script_path(w->arena, target);
    if (path && strncmp(path, "system.", 7) != 0) script_lose(w, path);
    return false;
}

/* Assigns a value. The target is tried in this order: attached data, the language, names of the platform (refused), a
 * member of an object, a variable. */
static bool write_set_known(struct flow_writer *w, const struct script *target, struct import_said said)
{
    const char *path = import_script_path(w->arena, target);
    static const char *const data[] = {"_genesys.ixn.interactions[].udata", "session.genesys.userdata"};
    if (!said.good || said.truth || !path) return false;
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        const char *key = strncmp(path, data[i], strlen(data[i])) == 0 ? expression_user_data(w, target) : NULL;
        if (key) return import_write_attach(w, key, said);
    }
    if (strcmp(path, "system.Language") == 0 || strcmp(path, "APP_LANGUAGE") == 0) {
        const char *locale = said_as(w, said, SAID_STR);
        if (locale) fprintf(w->out, "locale = %s;\n", locale);
        return locale != NULL;
    }
    if (strncmp(path, "system.", 7) == 0 || strncmp(path, "_genesys.", 9) == 0 || strchr(path, '[')) return false;
    /* A name of the platform is set as the flow's own variable only where the flow declares it. */
    if (name_is_platform(path) && !flow_variable_named(w, path, false)) return false;
    if (w->in == IN_BUSY) return false;
    const char *bare = strncmp(path, "AppState.", 9) == 0 ? path + 9 : path;
    const char *field = strchr(strncmp(bare, "_data.", 6) == 0 ? bare + 6 : bare, '.');
    if (field) return write_set_member(w, arena_copy(w->arena, bare, (size_t)(field - bare)), field + 1, said);
    struct import_variable *variable = flow_variable_set(w, bare);
    if (variable->lost) return false;
    variable_may_be(w, variable, said);
    variable_becomes(w, variable, said.type);
    const char *value = said_as(w, said, variable->type);
    if (!value) {
        variable_becomes(w, variable, SAID_STR);
        value = said_as(w, said, SAID_STR);
    }
    if (!value) return false;
    import_write_guards(w);
    fprintf(w->out, "%s = %s;\n", variable_used(w, variable), *value ? value : said_default(variable->type));
    return true;
}

/* ---- statements ---- */

struct scripting {
    struct flow_writer *w;
    bool whole, any;
    unsigned depth;
    bool ended; /* the statements after this one are not reached */
};

/* Marks each name that the text sets as lost: n = , n += , n++ , --n, a.b[c] = . */
static void script_lose_all(struct flow_writer *w, const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$.";
    const char *before = "";
    while (*text) {
        if (*text == '\'' || *text == '"') {
            char quote = *text++;
            while (*text && *text != quote) text += *text == '\\' && text[1] ? 2 : 1;
            text += *text != '\0';
            before = "";
            continue;
        }
        size_t length = strspn(text, letters);
        /* skips a name's index, and the members after it */
        while (length > 0 && text[length] == '[' && strchr(text + length, ']')) {
            length = (size_t)(strchr(text + length, ']') - text) + 1;
            length += strspn(text + length, letters);
        }
        if (length == 0) {
            before = text[0] == text[1] && strchr("+-", *text) ? "++" : strchr(" \t\r\n", *text) ? before : "";
            text += *before && text[0] == text[1] ? 2 : 1;
            continue;
        }
        const char *name = arena_copy(w->arena, text, length), *at = text + length;
        at += strspn(at, " \t\r\n");
        size_t signs = strspn(at, "+-*/%&|^<>");
        bool sets = *before || (at[signs] == '=' && at[signs + 1] != '=' && !(signs == 1 && strchr("<>", *at))) ||
                    (signs == 2 && at[0] == at[1] && strchr("+-", *at));
        if (sets) {
            const struct script *path = script_expression(w->arena, name);
            const char *lost = import_script_path(w->arena, path);
            if (lost && strncmp(lost, "system.", 7) != 0) script_lose(w, lost);
        }
        text += length, before = "";
    }
}

static void script_quote(struct scripting *s, const struct script *node)
{
    s->w->guards = NULL;
    script_lose_all(s->w, script_source(s->w->arena, node));
    import_remark_line(s->w->out, "not translated: ", script_source(s->w->arena, node));
    s->whole = false;
}

static void script_write(struct scripting *, const struct script *list);

/* Writes the list as a block in braces. True: the statements of the list end the script. */
static bool script_write_block(struct scripting *s, const struct script *list)
{
    fputs("{\n", s->w->out);
    s->ended = false;
    script_write(s, list);
    bool ended = s->ended;
    s->ended = false;
    fputs("}", s->w->out);
    return ended;
}

static void script_attach_parts(struct scripting *s, const struct script *object)
{
    for (const struct script *part = object->parts; part; part = part->next)
        if (import_write_attach(s->w, name_quoted(s->w->arena, part->text, true), expression_said(s->w, part->left)))
            s->any = true;
        else
            script_quote(s, part);
}

/* Writes a || b and a && b: a || b gives a where that is true, else b; a && b the other way round. Where both are
 * conditions, the result is a condition. */
static bool script_is_either(struct flow_writer *w, const struct script *node, struct script *choice)
{
    if (node->kind != SCRIPT_BINARY || (strcmp(node->text, "||") != 0 && strcmp(node->text, "&&") != 0)) return false;
    struct import_said said = expression_said(w, node);
    if (!said.good || !said.truth) return false;
    *choice = *node;
    choice->kind = SCRIPT_CHOICE;
    choice->right = *node->text == '|' ? node->left : node->right;
    choice->third = *node->text == '|' ? node->right : node->left;
    return true;
}

/* An assignment of one of two values, by a condition, becomes an `if` with two assignments, since gcx would need one
 * type for both values. An assignment of a variable to itself is not written. */
static void script_write_assign(struct scripting *s, const struct script *node)
{
    struct flow_writer *w = s->w;
    const struct script *target = node->left;
    struct script choice;
    if (script_is_either(w, node->right, &choice) || node->right->kind == SCRIPT_CHOICE) {
        const struct script *way = node->right->kind == SCRIPT_CHOICE ? node->right : &choice;
        const char *condition = said_condition(w, expression_said(w, way->left));
        struct script yes = *node, no = *node;
        if (!condition) {
            script_quote(s, node);
            return;
        }
        yes.right = way->right, yes.next = NULL;
        no.right = way->third, no.next = NULL;
        const char *path = import_script_path(w->arena, target), *same = import_script_path(w->arena, yes.right);
        const char *other = import_script_path(w->arena, no.right);
        bool keeps = path && same && strcmp(path, same) == 0;
        import_write_guards(w);
        fprintf(w->out, keeps ? "if not (%s) " : "if %s ", condition);
        script_write_block(s, keeps ? &no : &yes);
        if (!keeps && !(path && other && strcmp(path, other) == 0)) {
            fputs(" else ", w->out);
            script_write_block(s, &no);
        }
        fputc('\n', w->out);
        return;
    }
    if (target->kind == SCRIPT_NAME && flow_names_find(&w->objects, target->text)) { /* its parts are attached */
        if (node->right->kind == SCRIPT_OBJECT)
            script_attach_parts(s, node->right);
        else
            script_quote(s, node);
        return;
    }
    if ((target->kind == SCRIPT_INDEX || target->kind == SCRIPT_MEMBER) && target->left->kind == SCRIPT_NAME &&
        flow_names_find(&w->objects, target->left->text)) {
        const char *key = target->kind == SCRIPT_MEMBER ? name_quoted(w->arena, target->text, true)
                                                        : said_key(w, expression_said(w, target->right));
        if (key && import_write_attach(w, key, expression_said(w, node->right)))
            s->any = true;
        else
            script_quote(s, node);
        return;
    }
    if (import_write_set(w, target, expression_said(w, node->right)))
        s->any = true;
    else
        script_quote(s, node);
}

/* `ended` after the `if`: both branches have ended. */
static void script_write_if(struct scripting *s, const struct script *node)
{
    const char *condition = said_condition(s->w, expression_said(s->w, node->left));
    if (!condition) {
        script_quote(s, node);
        return;
    }
    import_write_guards(s->w);
    fprintf(s->w->out, "if %s ", condition);
    bool ended = script_write_block(s, node->parts);
    if (node->others) {
        fputs(" else ", s->w->out);
        ended = script_write_block(s, node->others) && ended;
    }
    fputc('\n', s->w->out);
    s->ended = ended && node->others != NULL;
}

/* Does the list contain a statement of that kind, also within `if` and `try`? Functions within the list are not
 * searched. */
static bool script_has(const struct script *list, enum script_kind kind)
{
    for (const struct script *node = list; node; node = node->next)
        if (node->kind == kind || ((node->kind == SCRIPT_IF || node->kind == SCRIPT_TRY) &&
                                   (script_has(node->parts, kind) || script_has(node->others, kind))))
            return true;
    return false;
}

/* A function's `return` ends the script only where nothing follows the function. */
static bool script_is_whole(const struct scripting *s, const struct script *act)
{
    return !script_has(act->left->left->parts, SCRIPT_RETURN) || (s->depth == 1 && !act->next);
}

static void script_write_act(struct scripting *s, const struct script *node)
{
    const struct script *act = node->left;
    bool log = script_is_log(s->w, act) && script_only_reads(s->w, act->parts);
    for (const struct script *part = log ? act->parts : NULL; part; part = part->next)
        log = expression_said(s->w, part).good && log; /* an argument that is not translated may fail */
    if (!log) s->w->guards = NULL;
    if (log) {
        import_write_guards(s->w);
        if (act->parts) import_remark_line(s->w->out, "log: ", script_source(s->w->arena, act->parts));
        s->any = true;
    } else if (script_is_set_data(s->w, act)) {
        const struct script *object = act->parts;
        s->any = true;
        if (object && object->kind == SCRIPT_OBJECT)
            script_attach_parts(s, object);
        else if (object && !(object->kind == SCRIPT_NAME && flow_names_find(&s->w->objects, object->text)))
            script_quote(s, node); /* otherwise its members were attached where they were set */
    } else if (act->kind == SCRIPT_CALL && act->left->kind == SCRIPT_FUNCTION && script_is_whole(s, node)) {
        script_write(s, act->left->parts); /* (function () { ... })() */
    } else {
        script_quote(s, node);
    }
}

static void script_write_end(struct scripting *s, const struct script *node)
{
    struct flow_writer *w = s->w;
    s->ended = true;
    if (node->kind == SCRIPT_RETURN) {
        fprintf(w->out, "%s\n", way_to(w, w->script_to, true));
        s->any = true;
        return;
    }
    import_remark_line(w->out, "", script_source(w->arena, node));
    if (w->linear) return;
    fprintf(w->out, "%s\n", way_error(w));
    s->any = true;
}

/* Writes the statements of a `try`. If one of them may fail, the `try` is kept as a remark: ECMAScript would
 * continue at `catch`, but gcx would take the path of the error. */
static void script_write_try(struct scripting *s, const struct script *node)
{
    struct flow_writer *w = s->w;
    struct scripting before = *s;
    FILE *out = w->out;
    char *text = NULL;
    size_t length = 0;
    unsigned guarded = w->guarded;
    w->out = open_memstream(&text, &length);
    if (!w->out) abort();
    script_write(s, node->parts);
    fclose(w->out);
    w->out = out;
    bool fails = w->guarded != guarded || w->guards || script_has(node->parts, SCRIPT_THROW);
    if (fails) {
        *s = before;
        script_quote(s, node);
    } else {
        fwrite(text, 1, length, out);
    }
    free(text);
}

/* Writes statements, and stops after one that ends the script: those after it are not reached. */
static void script_write(struct scripting *s, const struct script *list)
{
    if (++s->depth > SCRIPT_DEPTH) return;
    for (const struct script *node = list; node && !s->ended; node = node->next)
        if (node->kind == SCRIPT_ASSIGN)
            script_write_assign(s, node);
        else if (node->kind == SCRIPT_ACT)
            script_write_act(s, node);
        else if (node->kind == SCRIPT_IF)
            script_write_if(s, node);
        else if (node->kind == SCRIPT_TRY)
            script_write_try(s, node);
        else if (node->kind == SCRIPT_RETURN || node->kind == SCRIPT_THROW)
            script_write_end(s, node);
        else
            script_quote(s, node);
    s->depth--;
}

/* ---- objects that are passed to setuData ---- */

struct object_use {
    struct flow_writer *w;
    const char *name;
    unsigned said; /* how often the tree names the object */
    bool anything; /* a statement that is not understood contains the object's name */
    bool data;     /* a statement reads or sets attached data, or may end the script */
};

/* Counts how often the tree names the object, and notes whether attached data are touched. */
static void object_use_of(struct object_use *use, const struct script *list, unsigned depth)
{
    for (const struct script *node = list; node; node = node->next) {
        /* the unknown statement may do anything with the names in it */
        bool odd = depth > 4 * SCRIPT_DEPTH || node->kind == SCRIPT_OTHER;
        if (odd) {
            use->data = true;
            use->anything = use->anything || strstr(script_source(use->w->arena, node), use->name);
            continue;
        }
        const char *path = node->kind == SCRIPT_MEMBER ? import_script_path(use->w->arena, node) : NULL;
        use->said += node->kind == SCRIPT_NAME && strcmp(node->text, use->name) == 0;
        use->data = use->data || node->kind == SCRIPT_RETURN || node->kind == SCRIPT_THROW ||
                    (path && (strstr(path, "udata") || strstr(path, "userdata") || strstr(path, "uData")));
        const struct script *const parts[] = {node->left, node->right, node->third, node->parts, node->others};
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) object_use_of(use, parts[i], depth + 1);
    }
}

/* Counts the assignments to members of the object `name` in the statements, also within their `if`s. */
static unsigned object_sets(const char *name, const struct script *node)
{
    unsigned count = 0;
    for (; node; node = node->next) {
        const struct script *to = node->kind == SCRIPT_ASSIGN ? node->left : NULL;
        count += to && (to->kind == SCRIPT_MEMBER || to->kind == SCRIPT_INDEX) && to->left->kind == SCRIPT_NAME &&
                 strcmp(to->left->text, name) == 0;
        if (node->kind == SCRIPT_IF) count += object_sets(name, node->parts) + object_sets(name, node->others);
    }
    return count;
}

/* May an expression of these statements fail? */
static bool script_fails(struct flow_writer *w, const struct script *list)
{
    bool fails = false;
    for (const struct script *node = list; node && !fails; node = node->next) {
        const struct script *said = node->kind == SCRIPT_ASSIGN ? node->right : node->left;
        for (const struct script *part = said && said->kind == SCRIPT_OBJECT ? said->parts : NULL; part;
             part = part->next)
            expression_said(w, part->left);
        if (said && said->kind != SCRIPT_OBJECT) expression_said(w, said);
        fails = w->guards != NULL;
        w->guards = NULL;
        if (node->kind == SCRIPT_IF) fails = fails || script_fails(w, node->parts) || script_fails(w, node->others);
    }
    return fails;
}

/* Translates m = {...}; then assignments to its members; then setuData(m), in one list: each member is attached at
 * once. That is right only where nothing else names m, and where nothing in that part reads attached data, fails or
 * ends the script. */
static bool object_is_plain(struct flow_writer *w, const struct script *script, const struct script *list,
                            const struct script *call)
{
    const char *name = call->left->parts->text;
    struct object_use everywhere = {.w = w, .name = name}, between = everywhere;
    object_use_of(&everywhere, script, 0);
    const struct script *node = list;
    while (node != call && !(node->kind == SCRIPT_ASSIGN && node->left->kind == SCRIPT_NAME &&
                             strcmp(node->left->text, name) == 0 && node->right->kind == SCRIPT_OBJECT))
        node = node->next;
    if (node == call) return false;
    unsigned said = 2; /* the statements that make the object, and that pass it to setuData */
    for (; node != call; node = node->next) {
        struct script one = *node;
        one.next = NULL;
        said += object_sets(name, &one);
        object_use_of(&between, &one, 0);
        between.data = between.data || script_fails(w, &one);
    }
    return !between.data && !everywhere.anything && everywhere.said == said;
}

static void script_find_objects(struct flow_writer *w, const struct script *script, const struct script *list,
                                unsigned depth)
{
    static char there[] = "";
    if (depth > SCRIPT_DEPTH) return;
    for (const struct script *node = list; node; node = node->next) {
        const struct script *call = node->kind == SCRIPT_ACT ? node->left : NULL;
        if (call && script_is_set_data(w, call) && call->parts && call->parts->kind == SCRIPT_NAME &&
            object_is_plain(w, script, list, node))
            flow_names_add(w->arena, &w->objects, call->parts->text, there);
        if (call && call->kind == SCRIPT_CALL && call->left->kind == SCRIPT_FUNCTION)
            script_find_objects(w, script, call->left->parts, depth + 1);
        if (node->kind == SCRIPT_IF || node->kind == SCRIPT_TRY) script_find_objects(w, script, node->parts, depth + 1);
        if (node->kind == SCRIPT_IF) script_find_objects(w, script, node->others, depth + 1);
    }
}

/* Writes the script; false: not all of it is translated. `*any`: something was written; `*ended`: the end of the
 * script is not reached. */
bool import_write_script(struct flow_writer *w, const char *text, bool *any, bool *ended)
{
    struct scripting s = {.w = w, .whole = true};
    const struct script *list = script_statements(w->arena, text);
    w->objects = (struct flow_names){0};
    /* a `return` outside a function: in ECMAScript the whole script fails then */
    if (script_has(list, SCRIPT_RETURN)) {
        script_lose_all(w, text);
        import_remark_line(w->out, "not translated: ", text);
        *any = *ended = false;
        return false;
    }
    script_find_objects(w, list, list, 0);
    script_write(&s, list);
    *any = s.any, *ended = s.ended;
    return s.whole;
}
