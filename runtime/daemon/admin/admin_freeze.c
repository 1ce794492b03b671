/* runtime/daemon/admin/admin_freeze.c - Refuses acts that would change a version while a freeze is on.
 *
 * The configuration has the windows (freeze.h). An administrator may act all the same with --despite-freeze and a
 * reason, which the journal and the audit keep. Going back is no such act, and is allowed at any time. */
#include <string.h>

#include "runtime/daemon/admin/admin_acts.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/events_site.h"

/* True: the command gives callers another version, or makes one known. A reload is looked at when its files have been
 * read (reload.c): it may bring another directory alone. */
static bool freeze_concerns(const struct act *act, bool despite)
{
    bool reloads = act->id == COMMAND_reload ||
                   (act->id == COMMAND_load && json_array_size(json_object_get(act->request, "files")) == 0);
    return reloads ? despite
                   : act->id == COMMAND_load || act->id == COMMAND_activate || act->id == COMMAND_rollout ||
                         act->id == COMMAND_rollout_on || act->id == COMMAND_rollout_approve;
}

bool act_despite_freeze(const struct daemon *daemon, const struct act *act)
{
    char ends[FREEZE_TEXT];
    return json_is_true(json_object_get(act->request, "despite_freeze")) &&
           freeze_now(&daemon->conf->frozen, (int64_t)host_wall_clock_us(), ends);
}

/* The audit has who acts despite the freeze, and why. An act on a rollout says so in its own event. */
static void freeze_noted(const struct daemon *daemon, const struct act *act)
{
    const char *point = json_string_value(json_object_get(act->request, "point"));
    struct writer writer;
    if (act->id == COMMAND_rollout || act->id == COMMAND_rollout_on || act->id == COMMAND_rollout_approve) return;
    writer_init(&writer);
    writer_begin(&writer, KIND_Rollout);
    writer_text(&writer, ENVELOPE_actor, act->asker.actor);
    writer_u(&writer, Rollout_verb, rollout_verb_despite);
    if (point && strlen(point) <= NAME_MAX_BYTES) writer_text(&writer, Rollout_point, point);
    writer_text(&writer, Rollout_strategy, command_at(act->id)->name);
    writer_text(&writer, Rollout_why, act->asker.why);
    engine_post(daemon->engine, SOURCE_ADMIN, writer_end(&writer));
    writer_free(&writer);
}

bool act_frozen(const struct daemon *daemon, const struct act *act, struct error *error)
{
    if (json_is_true(json_object_get(act->request, "plan"))) return false; /* a plan changes nothing */
    bool despite = json_is_true(json_object_get(act->request, "despite_freeze"));
    char ends[FREEZE_TEXT];
    if (!freeze_concerns(act, despite) || !freeze_now(&daemon->conf->frozen, (int64_t)host_wall_clock_us(), ends))
        return false;
    if (despite && act->asker.why) {
        log_line(daemon->log, LOG_LEVEL_WARNING, "admin", 0, 0, "%s %s despite the freeze: %s", act->asker.actor,
                 command_at(act->id)->name, act->asker.why);
        freeze_noted(daemon, act);
        return false;
    }
    if (despite)
        error_set(error, ERROR_INPUT, "a freeze is on until %s: --despite-freeze needs a reason, --why TEXT", ends);
    else
        error_set(error, ERROR_STATE,
                  "a freeze is on until %s (freeze of gcxvm.conf), and %s waits until then; going back is allowed, and "
                  "an admin may act now with --despite-freeze --why TEXT",
                  ends, command_at(act->id)->name);
    return true;
}
