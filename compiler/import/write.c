/* compiler/import/write.c - Writes a flow as a strategy, or as a subroutine where another flow calls it.
 *
 *     write_begin()       names, labels and first values of variables
 *     write_find_ways()   writes each block into nothing, to see which ways it goes
 *     shape_make()        puts the blocks in an order (shape.h)
 *     write_shape()       the body, three times: what says nothing, and which labels are used, is known by then
 *     write_program()     head, variables, body, handlers
 *     write_keep()        what is known of types, for the next round
 *
 * The import writes each flow again until the types no longer change, so the same knowledge must always give the
 * same text. */
#include <stdlib.h>
#include <string.h>

#include "compiler/import/writer.h"

enum { WRITE_LINEAR = 60, WRITE_ROUNDS = 1000 /* the most rounds of a loop that has no exit */ };

static FILE *write_stream(char **text, size_t *length)
{
    FILE *out = open_memstream(text, length);
    if (!out) abort();
    return out;
}

/* ---- one path, without branches ---- */

/* True: a block of this kind may be written in a handler, or during a wait. */
static bool linear_takes(enum flow_kind kind, enum written_in in)
{
    switch (kind) {
    case FLOW_script:
    case FLOW_assign:
    case FLOW_log:
    case FLOW_user_data:
    case FLOW_branch:
        return true;
    case FLOW_http:
        return in != IN_BUSY;
    case FLOW_application:
    case FLOW_prompt:
    case FLOW_sound:
        return in == IN_BUSY;
    default:
        return false;
    }
}

/* Follows one path from block to block, at most WRITE_LINEAR blocks, and stops where a block comes a second time.
 * The writer's state is restored at the end, because a block's function calls this while it writes its own text. */
void write_linear(struct flow_writer *w, uint32_t from, uint32_t until, enum written_in in)
{
    bool linear = w->linear;
    enum written_in before = w->in;
    uint32_t seen[WRITE_LINEAR];
    w->linear = true, w->in = in;
    w->depth++;
    for (unsigned i = 0; i < WRITE_LINEAR && from != FLOW_NOWHERE && from != until; i++) {
        struct flow_block *block = &w->flow->blocks[from];
        unsigned same = 0;
        while (same < i && seen[same] != from) same++;
        if (same < i) break; /* a busy block repeats by itself */
        seen[i] = from;
        if (block->kind == FLOW_exit || block->kind == FLOW_disconnect) {
            if (block->kind == FLOW_disconnect) import_write_block(w, block);
            if (block->kind == FLOW_disconnect && in == IN_BUSY)
                import_remark(w, block, FLOW_LEFT,
                              "it hung up beside a wait: write fail there, and stop behind the wait");
            block->written = true;
            break;
        }
        import_remark_line(w->out, "", block->name);
        w->reads = false;
        bool other = w->depth > 1 && block->kind == FLOW_application;
        if (linear_takes(block->kind, in) && !other)
            import_write_block(w, block);
        else if (block->kind != FLOW_entry && w->depth == 1)
            import_remark(w, block, FLOW_LEFT, "it stands where gcx does not have it: in a handler, or beside a wait");
        if (w->reads && in != IN_BUSY)
            import_remark(w, block, FLOW_REMARK,
                          "a handler does not see variables, which have their first values there: attach them");
        from = flow_exit_to(block, block->kind == FLOW_branch ? "default" : "");
    }
    w->depth--;
    w->linear = linear, w->in = before;
}

/* ---- the graph ---- */

/* Writes each reachable block only to collect its exits; the text is dropped. */
static void write_find_ways(struct flow_writer *w, struct shape_graph *graph, uint32_t ***ways, uint32_t **counts)
{
    struct flow *flow = w->flow;
    uint32_t *queue = ARENA_ARRAY(w->arena, uint32_t, flow->block_count), first = 0, last = 0;
    bool *seen = ARENA_ARRAY(w->arena, bool, flow->block_count), *ends = ARENA_ARRAY(w->arena, bool, flow->block_count);
    bool **failures = ARENA_ARRAY(w->arena, bool *, flow->block_count);
    *ways = ARENA_ARRAY(w->arena, uint32_t *, flow->block_count);
    *counts = ARENA_ARRAY(w->arena, uint32_t, flow->block_count);
    char *text = NULL;
    size_t length;
    w->out = write_stream(&text, &length);
    queue[last++] = flow->entry, seen[flow->entry] = true;
    while (first < last) {
        uint32_t number = queue[first++];
        struct flow_block *block = &flow->blocks[number];
        w->way_room = 2 * block->exit_count + 64;
        w->ways = ARENA_ARRAY(w->arena, uint32_t, w->way_room);
        w->way_count = 0;
        w->ends = false;
        rewind(w->out);
        import_write_block(w, block);
        (*ways)[number] = w->ways, (*counts)[number] = w->way_count;
        ends[number] = w->ends;
        if (w->way_count > 1) { /* the last exit is the usual one, so it comes first */
            uint32_t on = w->ways[w->way_count - 1];
            memmove(w->ways + 1, w->ways, (w->way_count - 1) * sizeof *w->ways);
            w->ways[0] = on;
        }
        failures[number] = ARENA_ARRAY(w->arena, bool, w->way_count + 1);
        for (uint32_t i = 0; i < w->way_count; i++)
            failures[number][i] = block->given && given_fails_to(block, w->ways[i]);
        for (uint32_t i = 0; i < w->way_count; i++)
            if (!seen[w->ways[i]]) seen[w->ways[i]] = true, queue[last++] = w->ways[i];
    }
    w->ways = NULL;
    if (fclose(w->out) != 0) abort();
    free(text);
    *graph = (struct shape_graph){.count = flow->block_count,
                                  .ways = *ways,
                                  .way_counts = *counts,
                                  .ends = ends,
                                  .failures = failures,
                                  .root = flow->entry};
}

/* ---- the body ---- */

/* Begins a loop with several heads by jumps to the head whose number is in `turn_N`; the first head needs no jump. */
static void write_turn(struct flow_writer *w, struct shape *body)
{
    for (uint32_t i = 0; i < body->head_count && body->head_count > 1; i++) {
        struct shape_place place = w->places[body->heads[i]];
        if (place.index == 0) continue;
        w->shape = body;
        fprintf(w->out, "if turn_%u == %u { %s }\n", body->number, i + 1, way_place(w, place, ""));
    }
}

/* Declares the variables turn_N, each with the number of the head at which a round begins. */
static void write_turns(struct flow_writer *w, const struct shape *shape)
{
    if (shape->head_count > 1) fprintf(w->out, "let turn_%u = 1;\n", shape->number);
    for (uint32_t i = 0; i < shape->count; i++)
        if (shape->items[i].loop) write_turns(w, shape->items[i].loop);
}

/* Has the text a line that is not a remark? */
static bool write_says(const char *text)
{
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
        const char *at = text + strspn(text, " ");
        if (*at && *at != '\n' && strncmp(at, "//", 2) != 0) return true;
    }
    return false;
}

/* A label is written only before a statement. A block whose text has only remarks gets no label, and jumps to it
 * lead to the next block. */
static void write_labelled(struct flow_writer *w, struct flow_block *block, uint32_t number)
{
    char *text = NULL;
    size_t length;
    FILE *out = w->out;
    w->out = write_stream(&text, &length);
    import_write_block(w, block);
    if (fclose(w->out) != 0) abort();
    w->out = out;
    w->silent[number] = !write_says(text);
    if (w->labelled[number] && !w->silent[number]) fprintf(out, "%s:\n", block->label);
    fputs(text, out);
    free(text);
}

/* Writes the blocks of a shape, each after a remark with its name, type and line in the source. A loop without an
 * exit gets a limit on its rounds. */
static void write_shape(struct flow_writer *w, struct shape *shape)
{
    for (uint32_t i = 0; i < shape->count; i++) {
        struct shape_item *item = &shape->items[i];
        if (!item->loop) {
            struct flow_block *block = &w->flow->blocks[item->block];
            bool elsewhere = block->path && strcmp(block->path, w->flow->path) != 0;
            w->shape = shape, w->index = i;
            fprintf(w->out, "\n");
            import_remark_line(w->out, "",
                               arena_printf(w->arena, "%s: %s, line %u%s%s%s", block->name, block->type, block->line,
                                            elsewhere ? " of " : "", elsewhere ? block->path : "",
                                            block->disabled ? ", disabled" : ""));
            write_labelled(w, block, item->block);
            continue;
        }
        struct shape *body = item->loop;
        fputc('\n', w->out);
        if (w->loop_labelled[body->number]) fprintf(w->out, "loop_%u:\n", body->number);
        if (body->endless)
            fprintf(w->out, "repeat %d {\n", WRITE_ROUNDS);
        else
            fputs("repeat {\n", w->out);
        write_turn(w, body);
        write_shape(w, body);
        if (w->again[body->number]) fprintf(w->out, "again_%u: continue;\n", body->number);
        fputs("}\n", w->out);
        w->shape = shape, w->index = i;
        if (body->endless)
            fputs(w->subroutine ? flow_returns(w->flow) ? "return [:];\n" : "return;\n"
                                : "stop \"it went round and round\";\n",
                  w->out);
    }
}

/* ---- declarations ---- */

/* Declares the variables that this part of the program uses, with their first values. In a subroutine the map
 * `given` may contain another first value. */
static void write_lets(struct flow_writer *w, FILE *out, enum written_in in)
{
    for (struct import_variable *variable = w->first; variable; variable = variable->next) {
        if (!(variable->used & 1U << in)) continue;
        struct import_said said =
            variable->initial ? expression_text(w, variable->initial) : (struct import_said){.good = false};
        if (variable->of) {
            enum said_type type = variable->of->type == SAID_UNKNOWN ? SAID_STR : variable->of->type;
            said = (struct import_said){.good = true, .type = type, .text = variable_used(w, variable->of)};
        }
        if (w->subroutine && flow_find(w->flow->takes, variable->name)) {
            const char *text = said_as(w, said, SAID_STR), *key = name_quoted(w->arena, variable->name, true);
            text = arena_printf(w->arena, "(given.get(%s) else %s)", key, text ? text : "\"\"");
            said = said_passed(w, text, variable->type);
        }
        const char *initial = said_as(w, said, variable->type == SAID_UNKNOWN ? SAID_STR : variable->type);
        bool value = variable->type == SAID_VALUE;
        if (!initial || value || !*initial) {
            initial = said_default(variable->type);
            if (variable->initial && !said.good) import_remark_line(out, "not translated: ", variable->initial);
            if (variable->initial && (value ? said.good && !said_is_none(said) : !said.good) && in == IN_BODY)
                import_remark(w, &w->flow->blocks[w->flow->entry], FLOW_REMARK, "not translated: %s begins as %s",
                              variable->name, variable->initial);
        }
        fprintf(out, "let %s%s = %s;\n", variable->ident,
                value                        ? ": value?"
                : variable->type == SAID_MAP ? ": map<str>"
                                             : "",
                initial);
    }
}

/* First values may use other variables: the needed variables are found before any declaration is written. */
static void write_need_initials(struct flow_writer *w, enum written_in in)
{
    w->in = in;
    for (unsigned round = 0; round < 4; round++)
        for (struct import_variable *variable = w->first; variable; variable = variable->next)
            if ((variable->used & 1U << in) && variable->initial) expression_text(w, variable->initial);
    w->in = IN_BODY;
}

/* Writes a handler, first into a buffer: only then is it known which variables it needs, and their declarations come
 * before its text. */
static void write_handler(struct flow_writer *w, FILE *out, const char *head, uint32_t from, enum written_in in)
{
    if (from == FLOW_NOWHERE) return;
    char *text = NULL;
    size_t length;
    w->out = write_stream(&text, &length);
    write_linear(w, from, FLOW_NOWHERE, in);
    if (fclose(w->out) != 0) abort();
    write_need_initials(w, in);
    const char *passed = "";
    for (size_t i = 0; i < w->defaults.room && in == IN_ERROR; i++)
        if (w->defaults.slots[i].name)
            passed =
                arena_printf(w->arena, "%s%se.code != %s", passed, *passed ? " and " : "", w->defaults.slots[i].name);
    bool some = *passed && write_says(text);
    fprintf(out, "\n%s {\n", head);
    if (some) fprintf(out, "if %s {\n", passed);
    write_lets(w, out, in);
    fputs(text, out);
    fputs(some ? "}\n}\n" : "}\n", out);
    free(text);
}

/* Returns the block after the exit for a caller who has hung up: the first of these exits that the entry has. */
static uint32_t write_abandoned(const struct flow_block *entry)
{
    static const char *const events[] = {"interaction.abandoned", "connection.disconnect.hangup",
                                         "interaction.deleted"};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (flow_failure(entry, events[i]) != FLOW_NOWHERE) return flow_failure(entry, events[i]);
    return FLOW_NOWHERE;
}

/* Checks the exits for failures: in gcx a step has one `else`, which is the exit for any failure. Exits for some
 * failures only, or a second one for any failure, are reported. Silence and a wrong key have separate exits in
 * heard.c. */
static void block_failures_look(struct flow_writer *w, struct flow_block *block)
{
    static const char *const any[] = {"error", "error.*", "all", "error.queue.submit", "noinput", "nomatch"},
                             *const gone[] = {"interaction.", "connection."};
    uint32_t taken = FLOW_NOWHERE;
    for (uint32_t i = 0; i < block->exit_count; i++) {
        const struct flow_exit *exit = &block->exits[i];
        size_t kind = 0;
        bool passed = !exit->failure;
        for (size_t j = 0; j < sizeof gone / sizeof *gone; j++)
            passed = passed || strncmp(exit->name, gone[j], strlen(gone[j])) == 0;
        if (passed) continue;
        while (kind < sizeof any / sizeof *any && strcmp(any[kind], exit->name) != 0) kind++;
        if (kind > 3 && kind < sizeof any / sizeof *any) continue;
        bool whole = kind < (block->kind == FLOW_entry ? 3 : 4);
        if (!whole)
            import_remark(w, block, FLOW_REMARK, "not translated: its exit %s is of some failures alone", exit->name);
        else if (taken != FLOW_NOWHERE && taken != exit->to)
            import_remark(w, block, FLOW_REMARK, "its exit %s: each failure goes one way here", exit->name);
        taken = exit->to;
    }
}

static void write_begin(struct flow_writer *w)
{
    static const char *const own[] = {"chosen", "forced", "given"};
    struct flow *flow = w->flow;
    static char taken[] = "";
    w->end = &w->first;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) flow_names_add(w->arena, &w->idents, own[i], taken);
    for (uint32_t i = 0; i < flow->variable_count; i++) {
        if (flow->variables[i].system) continue;
        struct import_variable *variable = flow_variable_named(w, flow->variables[i].name, true);
        variable->initial = flow->variables[i].value;
        const struct import_said said =
            *variable->initial ? expression_text(w, variable->initial) : (struct import_said){.good = true, .text = ""};
        if (!said.good) variable_lose(w, variable);
        if (said.good && !said_is_none(said)) variable_becomes(w, variable, said.type);
        struct import_said begins = said;
        begins.maybe = begins.maybe || !*variable->initial;
        variable_may_be(w, variable, begins);
    }
    for (size_t i = 0; flow->taken && i < flow->taken->room; i++)
        if (flow->taken->slots[i].name) flow_names_add(w->arena, &w->idents, flow->taken->slots[i].name, taken);
    for (uint32_t i = 0; i < flow->block_count; i++) {
        struct flow_block *block = &flow->blocks[i];
        block->label = name_fresh(w->arena, &w->idents, &w->import->names, block->name);
        if (block->given)
            given_begin(block);
        else
            flow_kind_of(block->type, &block->grade, &block->remark);
        if (flow->generated)
            import_remark(w, block, FLOW_REMARK, "no test plays SCXML beside it: compare it with the diagram");
        if (!block->given) block_failures_look(w, block);
        block->written = false;
        block->played = NULL;
    }
    for (struct import_variable *variable = w->import->project_first; variable; variable = variable->next)
        variable->used = 0;
}

/* Stores what this round has found out about the flow's variables, such as their types, for the next round of
 * writing. */
static void write_keep(struct flow_writer *w)
{
    struct flow *flow = w->flow;
    if (!flow->kept) flow->kept = ARENA_NEW(w->arena, struct flow_names);
    for (struct import_variable *variable = w->first; variable; variable = variable->next) {
        struct import_variable *kept = flow_names_find(flow->kept, variable->name);
        if (!kept) flow_names_add(w->arena, flow->kept, variable->name, variable);
        if (kept)
            kept->type = variable->type, kept->seconds = kept->seconds || variable->seconds,
            kept->assigned = kept->assigned || variable->assigned, kept->maybe = kept->maybe || variable->maybe,
            kept->lost = kept->lost || variable->lost, kept->mixed = kept->mixed || variable->mixed,
            kept->wide = kept->wide || variable->wide, kept->cut = kept->cut || variable->cut,
            kept->blank = kept->blank || variable->blank, kept->odd = kept->odd || variable->odd;
    }
}

bool flow_is_mail(const struct flow *flow)
{
    for (uint32_t i = 0; i < flow->block_count; i++) {
        const struct flow_block *block = &flow->blocks[i];
        bool mails = block->kind == FLOW_acknowledge || block->kind == FLOW_reply ||
                     (block->kind == FLOW_forward && block->grade != FLOW_LEFT);
        if (mails && block->written && !block->disabled) return true;
    }
    return false;
}

static void write_program(struct flow_writer *w, FILE *out, const char *body)
{
    struct flow *flow = w->flow;
    const struct flow_block *entry = &flow->blocks[flow->entry];
    import_remark_line(out, "Imported from ", flow->path);
    if (flow->likeness) flow_needs_module(w, flow->likeness);
    for (size_t i = 0; flow->switches && i < flow->switches->room; i++)
        if (flow->switches->slots[i].name) flow_needs_module(w, flow->switches->slots[i].name);
    for (size_t i = 0; i < w->modules.room; i++)
        if (w->modules.slots[i].name) fprintf(out, "import %s;\n", w->modules.slots[i].name);
    fputc('\n', out);
    import_doc_line(out, flow->name);
    if (w->subroutine)
        fprintf(out, "subroutine %s(%s)%s {\n", flow->ident, flow->takes ? "given: map<str>" : "",
                flow_returns(flow) ? ": map<str>" : "");
    else
        fprintf(out, "strategy %s%s on %s {\n", flow->ident, flow->parameters ? flow->parameters : "",
                flow_is_mail(flow) ? "email" : "voice");
    w->in = IN_BODY;
    write_need_initials(w, IN_BODY);
    write_lets(w, out, IN_BODY);
    if (flow->lets) fputs(flow->lets, out);
    if (w->chosen) fputs("let chosen: target? = none;\n", out);
    if (w->forced) fputs("let forced: dn? = none;\n", out);
    fputs(body, out);
    if (!w->subroutine) {
        uint32_t abandoned = write_abandoned(entry), error = flow_failure(entry, "error");
        if (error == FLOW_NOWHERE) error = flow_failure(entry, "all");
        if (abandoned == FLOW_NOWHERE)
            fputs("\non abandoned {}\n", out);
        else
            write_handler(w, out, "on abandoned", abandoned, IN_ABANDONED);
        write_handler(w, out, "on error (e)", error, IN_ERROR);
    }
    fputs("}\n", out);
}

/* Only the last round makes a file; in earlier rounds the text is dropped, and only the knowledge stays. */
void write_flow(struct importer *import, struct flow *flow, bool last)
{
    struct flow_writer w = {
        .import = import, .arena = import->arena, .flow = flow, .subroutine = flow->called_by != NULL};
    struct shape_graph graph;
    uint32_t **ways, *counts, loops;
    char *body = NULL, *text = NULL;
    size_t length;
    write_begin(&w);
    write_find_ways(&w, &graph, &ways, &counts);
    struct shape *whole = shape_make(w.arena, &graph, &w.places, &loops);
    w.labelled = ARENA_ARRAY(w.arena, bool, flow->block_count + 1);
    w.silent = ARENA_ARRAY(w.arena, bool, flow->block_count + 1);
    w.again = ARENA_ARRAY(w.arena, bool, loops + 1);
    w.loop_labelled = ARENA_ARRAY(w.arena, bool, loops + 1);
    /* The second pass knows which blocks write nothing, the third pass which labels have jumps. */
    for (int time = 0; time < 3; time++) {
        free(body);
        if (time == 1) {
            memset(w.labelled, 0, flow->block_count * sizeof *w.labelled);
            memset(w.again, 0, (loops + 1) * sizeof *w.again);
            memset(w.loop_labelled, 0, (loops + 1) * sizeof *w.loop_labelled);
        }
        w.out = write_stream(&body, &length);
        write_turns(&w, whole);
        write_shape(&w, whole);
        if (fclose(w.out) != 0) abort();
    }
    FILE *out = write_stream(&text, &length);
    write_program(&w, out, body);
    if (fclose(out) != 0) abort();
    write_keep(&w);
    for (size_t i = 0; i < w.modules.room; i++)
        if (w.modules.slots[i].name)
            flow_names_add(import->arena, &import->modules, w.modules.slots[i].name, w.modules.slots[i].what);
    free(body);
    if (last)
        import_file_add(import, arena_printf(import->arena, "%s.gcx", flow->ident), text);
    else
        free(text);
}
