/* runtime/sim/switch_state.h - The state of a switch, shared by switch.c, switch_*.c, treat.c. Only they include it. */
#pragma once

#include "runtime/sim/agenda.h"
#include "runtime/sim/switch.h"

enum timer_kind { TIMER_TREATMENT, TIMER_DEFAULT, TIMER_LEFT, TIMER_DIAL };

struct switch_dn {
    char number[SWITCH_DN + 1], agent[SWITCH_DN + 1];
    enum dn_type type;
    bool reachable;
    uint32_t calls, lines; /* of an extension: how many calls ring or talk there, and how many may */
    enum agent_state state;
    enum work_mode work_mode;
};

struct slot {
    struct switch_call call;
    uint32_t index, next_free;
    uint32_t timer; /* a timer with another number has no effect */
    bool live, stays, whisper_prompt;
    char whisper[SWITCH_WHISPER + 1]; /* when somebody answers */
    struct switch_dn *at;
    bool on_line; /* the call occupies a line of its device */
    /* where the call rings besides `at`: the first to answer has it. `together`: it was routed to several */
    struct switch_dn *along[SWITCH_ALONG];
    uint32_t along_count;
    bool together;
    /* The treatment that runs. */
    enum cause dialled; /* the result that dialling will have */
    bool collects, records, hangs, secret;
    /* of a recording: how long the caller speaks, its greatest length, and when it begins */
    uint64_t spoken_us, record_us, prompt_us;
    uint64_t speaks_us;          /* when the caller begins to speak, unless spoken_us is 0 */
    char *result;                /* of an application, owned */
    struct switch_report *ended; /* what call.ended shows, owned */
    char keys[SWITCH_DIGITS + 1], digits[SWITCH_DIGITS + 1];
    unsigned min, max;
    char end, abort, clear;
    uint64_t gap_us, first_us, due_us; /* due: when the treatment ends by time */
    char late_end;                     /* end key of the number before, which was ended by its last digit; 0: none */
    uint64_t late_until_us;            /* until this time the end key still belongs to the number entered before */
};

struct sim_switch {
    struct switch_options options;
    char last_default[SWITCH_DN + 1];
    bool served;
    struct switch_dn **dns;
    uint32_t dn_count;
    struct slot **slots;
    uint32_t slot_count, free_head, live; /* free_head: index + 1 */
    uint32_t recordings;
    struct switch_report *reports;
    size_t report_head, report_count, report_room;
    struct agenda agenda;
};

/* switch.c */
void switch_copy(char *to, size_t size, const char *from);
/* Adds a report with the call's data and place. */
struct switch_report *switch_tell(struct sim_switch *, enum switch_report_kind, const struct slot *, uint64_t now_us);
/* switch_devices.c */
struct switch_dn *switch_dn(const struct sim_switch *, const char *number);
/* switch_calls.c */
struct slot *switch_slot(const struct sim_switch *, uint64_t call);
struct slot *slot_take(struct sim_switch *);
void slot_leaves(struct slot *);
void slot_stands_at(struct slot *, struct switch_dn *, enum switch_place);
void slot_awaits_default(struct sim_switch *, struct slot *, uint64_t now_us);
void slot_asks_for_route(struct sim_switch *, struct slot *, struct switch_dn *, uint64_t invoke, uint64_t now_us);
/* Moves the call to a DN that can take it. */
void slot_goes_to(struct sim_switch *, struct slot *, struct switch_dn *, uint64_t invoke, uint64_t now_us);
enum code dn_can_take(const struct switch_dn *);
void slot_clear(struct sim_switch *, struct slot *, enum cause party, enum cause call, uint64_t now_us);
/* The call also rings at that DN, which can take it. */
void slot_rings_along(struct sim_switch *, struct slot *, struct switch_dn *, uint64_t now_us);
/* The call rings at all other DNs no more; `to`: where it is now. */
void slot_rings_alone(struct sim_switch *, struct slot *, const char *to, enum cause, uint64_t now_us);
/* Makes the DN the one at which the call rings; false: it does not ring there. */
bool slot_rings_at(struct slot *, const char *dn);
/* switch_services.c */
void switch_dial_over(struct sim_switch *, struct slot *, const struct agenda_entry *);
/* treat.c */
/* Forgets the treatment that ended last: the call has come to a routing point again, or has ended. */
void switch_forget_ended(struct slot *);
/* Ends the running treatment, if there is one. */
void switch_end_treatment(struct sim_switch *, struct slot *, enum cause, uint64_t now_us);
void switch_treatment_timer(struct sim_switch *, struct slot *, const struct agenda_entry *);
