/* compiler/import/asterisk/asterisk.c - The files of Asterisk as a whole: first all are read, then flows are made. */
#include "compiler/import/asterisk/asterisk.h"

#include <string.h>

#include "compiler/import/asterisk/roots.h"
#include "compiler/import/asterisk/walk.h"

enum { ASTERISK_FLOWS = 200 };

struct asterisk {
    struct importer *import;
    struct ini_file *files, **end;
};

struct asterisk *asterisk_new(struct importer *import)
{
    struct asterisk *asterisk = ARENA_NEW(import->arena, struct asterisk);
    asterisk->import = import;
    asterisk->end = &asterisk->files;
    return asterisk;
}

bool asterisk_add(struct asterisk *asterisk, const char *path, const char *bytes, size_t length, char *why,
                  size_t why_size)
{
    struct ini_file *file = ini_read(asterisk->import, path, bytes, length, why, why_size);
    if (!file) return false;
    *asterisk->end = file;
    asterisk->end = &file->next;
    return true;
}

/* Adds the agents of agents.conf to the directory: agent => number,password,name, or a section per agent. The password
 * is not read. */
static void asterisk_agents(struct asterisk *asterisk, const struct ini_file *file)
{
    const char *parts[4];
    struct arena *arena = asterisk->import->arena;
    for (const struct ini_section *section = file->sections; section; section = section->next) {
        for (const struct ini_key *key = section->keys; key; key = key->next) {
            if (strcmp(key->name, "agent") != 0) continue;
            unsigned count = walk_parts(arena, key->value, ',', parts, 4);
            if (count > 0 && *parts[0]) import_directory_agent(asterisk->import, parts[0], count > 2 ? parts[2] : "");
        }
        const char *name = ini_value(section, "fullname", "");
        bool own = strcmp(section->name, "general") != 0 && strcmp(section->name, "agents") != 0;
        if (own && !section->template) import_directory_agent(asterisk->import, section->name, name);
    }
}

/* Returns what kind of extension this is if it runs after the call or by an event for which gcx has no jump; else
 * NULL. */
static const char *asterisk_event(const char *extension)
{
    static const struct {
        const char *name, *why;
    } events[] = {{"h", "what is done when the call is over: on abandoned, or a strategy behind then"},
                  {"T", "the time of the whole call: within, of the strategy"},
                  {"e", "errors: on error"},
                  {"o", "the key 0 in a mailbox"},
                  {"a", "the key * in a mailbox"},
                  {"fax", "a fax is a medium of its own"},
                  {"failed", "a call file that failed: callback.dial"}};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (strcmp(extension, events[i].name) == 0) return events[i].why;
    return NULL;
}

static uint32_t asterisk_rest(const struct dialplan *plan, struct arena *arena, struct flow *flow)
{
    uint32_t count = 0;
    for (const struct plan_context *context = plan->contexts; context; context = context->next)
        for (const struct plan_extension *extension = context->extensions; extension; extension = extension->next)
            for (const struct plan_step *step = extension->steps; step; step = step->next) {
                if (step->reached) continue;
                const char *why = asterisk_event(extension->name);
                if (flow)
                    flow->blocks[flow->block_count++] = (struct flow_block){
                        .type = step->application,
                        .name = arena_printf(arena, "%s %s %u", context->name, extension->name, step->priority),
                        .line = step->line,
                        .path = step->path,
                        .written = why != NULL,
                        .grade = FLOW_LEFT,
                        .remark = why ? why : ""};
                count++;
            }
    return count;
}

/* Reports the lines from which no block was made: lines of an unknown form, and steps that nothing reaches. */
static void asterisk_tell(struct importer *import, const struct dialplan *plan, const char *path)
{
    struct flow *flow = ARENA_NEW(import->arena, struct flow);
    *flow = (struct flow){.sort = FLOW_TOLD, .path = path, .name = "", .entry = FLOW_NOWHERE};
    flow->told = "what no strategy has of the dialplan";
    uint32_t count = asterisk_rest(plan, import->arena, NULL);
    for (const struct plan_fault *fault = plan->faults; fault; fault = fault->next) count++;
    if (count == 0) return;
    flow->blocks = ARENA_ARRAY(import->arena, struct flow_block, count);
    for (const struct plan_fault *fault = plan->faults; fault; fault = fault->next)
        flow->blocks[flow->block_count++] = (struct flow_block){.type = "line",
                                                                .name = fault->text,
                                                                .line = fault->line,
                                                                .path = fault->path,
                                                                .written = true,
                                                                .grade = FLOW_LEFT,
                                                                .remark = fault->why};
    asterisk_rest(plan, import->arena, flow);
    import_flow_add(import, flow, "");
}

/* Leaves out the files that another one includes, since the including file has their lines. */
static void asterisk_drop(struct asterisk *asterisk)
{
    for (struct ini_file **at = &asterisk->files; *at;) {
        bool has = false;
        for (const struct ini_file *other = asterisk->files; other; other = other->next)
            has = has || (other != *at && flow_names_find(&other->included, ini_bare_path((*at)->path)));
        if (has)
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
}

void asterisk_finish(struct asterisk *asterisk)
{
    struct importer *import = asterisk->import;
    struct dialplan *plan = ARENA_NEW(import->arena, struct dialplan);
    const char *path = NULL;
    bool dialplan = false;
    plan_begin(plan, import->arena);
    asterisk_drop(asterisk);
    for (const struct ini_file *file = asterisk->files; file; file = file->next) {
        if (file->sort == INI_AGENTS) asterisk_agents(asterisk, file);
        if (file->sort == INI_DIALPLAN) plan_add(plan, file);
        plan_faults(plan, file);
        if (!path || (file->sort == INI_DIALPLAN && strcmp(path, file->path) != 0 && !dialplan)) path = file->path;
        dialplan = dialplan || file->sort == INI_DIALPLAN;
    }
    struct asterisk_queue *queues = queues_read(import, asterisk->files);
    roots_find(plan);
    unsigned flows = 0;
    /* the second time, for contexts that all lead to each other, each of them counts as a root */
    for (int time = 0; time < 2 && flows == 0; time++)
        for (struct plan_context *context = plan->contexts; context && flows < ASTERISK_FLOWS;
             context = context->next) {
            bool enters = roots_numbers(import->arena, plan, context)->count > 0 || plan_find(plan, context, "s");
            if ((context->named && time == 0) || !enters) continue;
            if (plan->walked > WALK_ALL) {
                plan_fault_add(plan, context->path, context->line, context->name,
                               "the dialplan calls too many subroutines: import its contexts in several goes", false);
                continue;
            }
            walk_flow(import, plan, queues, context);
            flows++;
        }
    if (path) asterisk_tell(import, plan, path);
}
