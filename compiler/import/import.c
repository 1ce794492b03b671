/* compiler/import/import.c - Makes texts of files: reads each file, finds which flow calls which, writes the flows
 * until types are known.
 *
 *     import_add()        per file: XML -> flow (composer.c, scxml.c), or variables of the project; the other formats
 *                         (formats.def) by the reader in their folder
 *     import_finish()     import_find_calls(), import_find_hangs()   which flows are subroutines, which hang up
 *                         import_rounds()                            writes all flows until nothing changes
 *                         import_rounds() once more, `settled`       what is not translated now is lost
 *                         write_flow(..., true), tests, site, report the texts that count
 *
 * A flow that another one calls becomes a subroutine, unless it leads back to itself or routes. The types of
 * variables are found by writing: each round may find that one is a number or may be none. After IMPORT_ROUNDS the
 * flows are written with what is known then. */
#include "compiler/import/import.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/import/asterisk/asterisk.h"
#include "compiler/import/composer.h"
#include "compiler/import/connect/connect.h"
#include "compiler/import/json.h"
#include "compiler/import/scxml.h"
#include "compiler/import/studio/studio.h"
#include "compiler/import/taskrouter/taskrouter.h"
#include "compiler/import/writer.h"
#include "base/memory.h"
#include "base/why.h"

enum { IMPORT_ROUNDS = 30, IMPORT_CALLS = 16 };

struct importer *import_new(void)
{
    struct importer *import = memory_zeroed(1, sizeof *import);
    import->arena = arena_new();
    import->flows_end = &import->flows;
    import->problems_end = &import->problems;
    import->files_end = &import->files;
    import->site_end = &import->site;
    import->project_end = &import->project_first;
    import->rows_end = &import->rows;
    import->format = FORMAT_ANY;
    site_modules(import);
    return import;
}

void import_release(struct importer *import)
{
    if (!import) return;
    for (struct import_text *file = import->files; file; file = file->next) free(file->text);
    taskrouter_release(import->taskrouter);
    connect_release(import->connect);
    studio_release(import->studio);
    arena_free(import->arena);
    xml_free(import->trees);
    free(import);
}

void import_reads(struct importer *import, import_read *read, void *of)
{
    import->read = read, import->read_of = of;
}

static const char *import_name(struct importer *import, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    return arena_copy(import->arena, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

/* Reads the variables of the project from .projectvars: numbers, truth values and texts get their types from their
 * values. */
static void import_project(struct importer *import, const struct xml_node *root)
{
    for (const struct xml_node *child = root->first; child; child = child->next) {
        const char *name = xmi_value(child, "name"), *value = xmi_value(child, "value");
        if (strcmp(child->name, "variables") != 0 || !name || !value) continue;
        struct import_variable *variable =
            import_project_variable(import, arena_printf(import->arena, "_data.%s", name));
        variable->initial = value;
        variable->type = site_initial_type(import, value);
    }
}

/* Notes for the report why a file is not read; returns false. */
static bool import_problem(struct importer *import, const char *path, const char *why)
{
    struct import_problem *problem = ARENA_NEW(import->arena, struct import_problem);
    *problem = (struct import_problem){path, arena_copy(import->arena, why, strlen(why)), NULL};
    *import->problems_end = problem;
    import->problems_end = &problem->next;
    return false;
}

static const char *const import_formats[] = {
#define FORMAT(id, what) #id,
#include "compiler/import/formats.def"
};

bool import_from(struct importer *import, const char *format)
{
    for (size_t i = 0; i < sizeof import_formats / sizeof *import_formats; i++)
        if (strcmp(import_formats[i], format) == 0) {
            import->format = (enum import_format)i;
            return true;
        }
    return false;
}

/* Returns the format of the content; FORMAT_composer for content of no known format, as its reader then reports the
 * fault. */
static enum import_format import_format_of(const char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length && strchr(" \t\r\n", bytes[at]) && bytes[at]) at++;
    if (at < length && bytes[at] == '{') return FORMAT_taskrouter;
    return ini_looks_so(bytes, length) ? FORMAT_asterisk : FORMAT_composer;
}

/* Reads a file of JSON; false with the reason. */
static bool import_read_json(struct importer *import, enum import_format format, const char *path, const char *bytes,
                             size_t length, char *why, size_t why_size)
{
    json_t *value = json_import(bytes, length, why, why_size);
    if (!value) return false;
    const char *text = arena_copy(import->arena, bytes, length);
    if (format == FORMAT_connect || (import->format == FORMAT_ANY && connect_knows(value))) {
        if (!import->connect) import->connect = connect_new(import);
        return connect_add(import->connect, path, text, value, why, why_size);
    }
    if (format == FORMAT_studio || (import->format == FORMAT_ANY && studio_knows(value))) {
        if (!import->studio) import->studio = studio_new(import);
        return studio_add(import->studio, path, text, value, why, why_size);
    }
    if (!import->taskrouter) import->taskrouter = taskrouter_new(import);
    return taskrouter_add(import->taskrouter, path, text, value, why, why_size);
}

/* Reads a file of another format than Composer's; false with the reason. */
static bool import_read_other(struct importer *import, enum import_format format, const char *path, const char *bytes,
                              size_t length, char *why, size_t why_size)
{
    if (format != FORMAT_asterisk) return import_read_json(import, format, path, bytes, length, why, why_size);
    if (!import->asterisk) import->asterisk = asterisk_new(import);
    return asterisk_add(import->asterisk, path, bytes, length, why, why_size);
}

/* Reads a file; false with the reason in `why`; the report has the reason, too, and the other files are still
 * imported. */
bool import_add(struct importer *import, const char *path, const char *bytes, size_t length, char *why, size_t why_size)
{
    const char *copy = arena_copy(import->arena, path, strlen(path));
    struct xml_fault fault;
    enum import_format format = import->format == FORMAT_ANY ? import_format_of(bytes, length) : import->format;
    if (format != FORMAT_composer)
        return import_read_other(import, format, copy, bytes, length, why, why_size) ||
               import_problem(import, copy, why);
    struct xml_node *root = xml_tree(bytes, length, &xmi_bounds, &fault);
    struct flow *flow = NULL;
    if (!root)
        why_set(why, why_size, "line %" PRIu32 ": %s", fault.line, fault.why);
    else
        root->next = import->trees, import->trees = root;
    if (root && strcmp(root->name, "ProjectVariables") == 0) {
        import_project(import, root);
        return true;
    }
    if (root && strcmp(root->name, "scxml") == 0)
        flow = scxml_read(import->arena, copy, root, why, why_size);
    else if (root)
        flow = composer_read(import->arena, copy, root, why, why_size);
    if (!flow) return import_problem(import, copy, why);
    import_flow_add(import, flow, import_name(import, path));
    return true;
}

/* ---- which flow calls which ---- */

static bool import_calls(const struct flow_block *block)
{
    return (block->kind == FLOW_application || block->kind == FLOW_subroutine) && !block->disabled;
}

/* Does one flow lead to the other by calls? For chains longer than IMPORT_CALLS the answer is true: they are treated
 * like circles. Each flow is visited once per search. */
static bool import_leads(struct importer *import, struct flow *from, const struct flow *to, unsigned depth)
{
    if (from == to || depth > IMPORT_CALLS) return true;
    if (from->looked == import->searches) return false;
    from->looked = import->searches;
    for (uint32_t i = 0; i < from->block_count; i++) {
        struct flow *next = import_calls(&from->blocks[i]) ? import_called_flow(import, from, &from->blocks[i]) : NULL;
        if (next && import_leads(import, next, to, depth + 1)) return true;
    }
    return false;
}

/* Do the calls of a flow lead back to it? Then it cannot be a subroutine, since nothing may recurse in gcx. */
static bool import_recurs(struct importer *import, struct flow *flow)
{
    import->searches++;
    for (uint32_t i = 0; i < flow->block_count; i++) {
        struct flow *next = import_calls(&flow->blocks[i]) ? import_called_flow(import, flow, &flow->blocks[i]) : NULL;
        if (next && import_leads(import, next, flow, 0)) return true;
    }
    return false;
}

static bool import_routes(const struct flow *flow)
{
    for (uint32_t i = 0; i < flow->block_count; i++) {
        enum flow_kind kind = flow->blocks[i].kind;
        if (flow_kind_ends(kind) && kind != FLOW_exit && kind != FLOW_disconnect && kind != FLOW_subroutine &&
            kind != FLOW_transfer)
            return true;
    }
    return false;
}

/* Does the flow declare the variable? A variable marked as system belongs to the platform. */
static bool import_declares(const struct flow *flow, const char *name)
{
    for (uint32_t i = 0; i < flow->variable_count; i++)
        if (strcmp(flow->variables[i].name, name) == 0) return !flow->variables[i].system;
    return false;
}

/* Notes the values passed to a called flow and back; only variables that the called flow declares are passed. */
static void import_passes(struct importer *import, struct flow *flow, const struct flow_block *block)
{
    for (const struct flow_value *value = block->values; value; value = value->next) {
        bool output = flow_parameter(value, true);
        if (!output && !flow_parameter(value, false)) continue;
        const char *name = flow_find(value->parts, "name")->value;
        struct flow_value **passed = output ? &flow->gives : &flow->takes;
        if (import_declares(flow, name) && !flow_find(*passed, name)) flow_add(import->arena, passed, name, "");
    }
}

static void import_find_calls(struct importer *import)
{
    unsigned found = 0;
    for (struct flow *flow = import->flows; flow; flow = flow->next) flow->recurs = import_recurs(import, flow);
    for (struct flow *flow = import->flows; flow; flow = flow->next)
        for (uint32_t i = 0; i < flow->block_count && found < 10000; i++) {
            struct flow *played =
                import_calls(&flow->blocks[i]) ? import_called_flow(import, flow, &flow->blocks[i]) : NULL;
            if (!played || played->sort == FLOW_PROCESS || import_routes(played)) continue;
            found++;
            if (played->recurs) continue;
            played->called_by = flow->path;
            import_passes(import, played, &flow->blocks[i]);
        }
}

/* Finds the subroutines that may hang up: those with a block that does, and those that call such a subroutine. */
static void import_find_hangs(struct importer *import)
{
    bool more = true;
    while (more) {
        more = false;
        for (struct flow *flow = import->flows; flow; flow = flow->next)
            for (uint32_t i = 0; i < flow->block_count && flow->called_by && !flow->hangs; i++) {
                struct flow_block *block = &flow->blocks[i];
                struct flow *played = import_calls(block) ? import_called_flow(import, flow, block) : NULL;
                bool ends = block->kind == FLOW_disconnect && !block->disabled;
                flow->hangs = ends || (played && played->called_by && played->hangs);
                more = more || flow->hangs;
            }
    }
}

/* ---- writing ---- */

static bool import_written(const struct flow *flow)
{
    return flow->sort != FLOW_PROCESS && flow->sort != FLOW_TOLD && flow->entry != FLOW_NOWHERE;
}

/* Writes all flows until a round finds nothing new: types only go up, and lost names stay lost, so the rounds end. */
static void import_rounds(struct importer *import)
{
    for (import->round = 0; import->round < IMPORT_ROUNDS; import->round++) {
        import->changed = false;
        for (struct flow *flow = import->flows; flow; flow = flow->next)
            if (import_written(flow)) write_flow(import, flow, false);
        if (!import->changed && import->round > 0) break;
    }
}

/* The second run of rounds has `settled` set: all types are known, so what cannot be translated now is lost for
 * good. */
void import_finish(struct importer *import)
{
    if (import->asterisk) asterisk_finish(import->asterisk);
    if (import->taskrouter) taskrouter_finish(import->taskrouter);
    if (import->studio) studio_finish(import->studio); /* its flows switch to TaskRouter's */
    if (import->connect) connect_finish(import->connect);
    import_find_calls(import);
    import_find_hangs(import);
    for (struct flow *flow = import->flows; flow; flow = flow->next)
        if (import_written(flow)) parallel_arrange_all(import->arena, flow);
    import_rounds(import);
    import->settled = true;
    import_rounds(import);
    for (struct flow *flow = import->flows; flow; flow = flow->next) {
        if (import_written(flow)) write_flow(import, flow, true);
        for (uint32_t i = 0; i < flow->block_count && flow->sort == FLOW_PROCESS; i++) flow->blocks[i].written = true;
    }
    for (struct flow *flow = import->flows; flow; flow = flow->next)
        if (import_written(flow)) {
            import_write_tests(import, flow);
            import_write_drawing(import, flow);
        }
    import_write_site(import);
    import_write_directory(import);
    import_write_report(import);
}
