/* runtime/daemon/admin/admin_set.h - Shared by the files of changes by hand (admin_set.c, admin_holiday.c); no other
 * file includes it. */
#pragma once

#include "runtime/daemon/admin/admin_acts.h"
#include "runtime/daemon/directory/hand.h"

struct change_row;
struct core;

/* Reads when the change ends from `for` and `until` of the request, in microseconds of the wall clock; 0: it has no
 * end. */
bool set_until(const struct act *, int64_t *until_us, struct error *);
/* True: somebody has changed this setting by hand. On the core's thread. */
bool set_is_changed(const struct core *, const struct hand *);
/* Writes the lasting change that is in force again when the one for a time is taken back; false: there is none. On the
 * core's thread. */
bool set_below_show(const struct core *, const struct hand *, char text[HAND_TEXT_MAX]);
/* Returns when the setting, or its item, was changed by hand, and by which row; 0: it is not. On the core's thread. */
int64_t set_changed_at(const struct core *, const struct hand *, struct change_row *);
/* Sets the error of a change by a person who has not seen this row, and returns false. A row without an actor: the
 * change that they saw is taken back. */
bool set_refuse_unseen(const char *name, const char *item, const struct change_row *, struct error *);
/* Posts the changes and their commit: they come into force together. */
bool set_hands_post(struct daemon *, const struct act *, const struct hand *, size_t count, int64_t until_us,
                    struct act_wait *, struct error *);

/* `holidays CALENDAR DATE`: one more date, in each schedule of the directory that names the calendar (admin_holiday.c).
 */
bool set_is_holiday(const struct act *);
bool admin_act_holiday(struct daemon *, const struct act *, struct act_wait *, struct error *);

/* True: the command is `profile AGENT=PROFILE`, which gives the agent that profile, or `profile AGENT` or `profile
 * AGENT=`, which take this back (admin_profile.c). Without the sign `=`, the word may also name a row of a table named
 * profile: the command then means what was changed by hand, the row or the agent's profile. If the agent's profile and
 * such a row were both changed by hand, the error says how to tell them apart. */
bool set_is_profile(struct daemon *, const struct act *, struct error *);
bool admin_act_profile(struct daemon *, const struct act *, struct act_wait *, struct error *);
