/* tests/proving/proving_state.h - For the files of the proving ground (proving.h): the world and its parts.
 *
 * Single-threaded. Planned events are in one agenda; events at the same moment happen in the order in which they
 * were planned. Every random number depends on the seed, a purpose and a number of its own, so none depends on how
 * many were drawn before. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/host/simulated.h"
#include "runtime/journal/follower.h"
#include "runtime/journal/partition.h"
#include "runtime/sim/agenda.h"
#include "tests/proving/proving.h"
#include "runtime/vocabulary/message.h"

struct image;
struct proving;

enum {
    PROVING_SWITCH = SOURCE_LINKS, /* the number of the switch's link, with its callers and agents */
    PROVING_MAIL,                  /* of e-mails, */
    PROVING_DOMAINS,               /* and of other domains */
    PROVING_LINKS = 3,
    PROVING_NODES = 2,
    PROVING_POINTS = 3, /* the number of routing points with a strategy */
    PROVING_AGENTS = 6,
    PROVING_IMAGES = 2,
    PROVING_HERE = 1, /* this domain's partition */
    PROVING_FAR,      /* the other domain's partition */
};
#define PROVING_SECOND UINT64_C(1000000)
#define PROVING_NOBODY UINT32_MAX

/* The wall clock when the virtual clock is 0. */
#define PROVING_WALL_US INT64_C(1704103200000000)

/* Things to come. Kinds of planned events; the comments tell the meaning of `who` and `what`. */
enum proving_due {
    DUE_DEED,     /* who: the number of a deed of the story */
    DUE_RESTART,  /* who: node */
    DUE_WAKE,     /* who: a node that has stood still and continues now */
    DUE_LOOK,     /* who: a node that reads on as a follower, or looks whether the leader lives */
    DUE_BEAT,     /* who: a leading node that sends a beat; what: its life */
    DUE_CONNECT,  /* who: link */
    DUE_BREAKS,   /* who: a link whose connection breaks */
    DUE_NOTICED,  /* who: a link whose node now notices that it was lost; what: session */
    DUE_SILENT,   /* who: a link whose node has been silent for too long; what: session */
    DUE_UP,       /* who: the message that arrives at the core; what: session */
    DUE_DOWN,     /* who: the message that arrives at the adapter; what: session */
    DUE_TREATED,  /* who: caller; what: ref */
    DUE_ANSWER,   /* who: caller; what: turn */
    DUE_RELEASE,  /* who: caller; what: turn */
    DUE_HANGS_UP, /* who: caller */
    DUE_DEFAULT,  /* who: a caller for whom the adapter waits no longer; what: turn */
    DUE_READY,    /* who: agent; what: turn */
    DUE_INVITED,  /* who: invitation */
    DUE_WORKED,   /* who: invitation */
    DUE_SUBMIT,   /* who: mail */
    DUE_SENT,     /* who: the number of a message to a customer that is sent now */
    DUE_WRITTEN,  /* who: the number of a write of a data source that is answered now */
    DUE_JOB,      /* who: the number of a job of the adapter of other domains */
    DUE_LOOKS,    /* the adapter of other domains looks into the table */
    DUE_FAR,      /* who: a passage that the other domain looks at; what: its expected state */
    DUE_FAR_LOOK, /* the other domain looks into the table of loans */
    DUE_LETTER,   /* who: a write that the network has delayed and that arrives now */
    DUE_COPIES,   /* the copies of the database answer again, or one of them leads */
};

enum proving_purpose {
    PROVING_SITE,
    PROVING_PROGRAM,
    PROVING_DELAY,
    PROVING_CALLER,
    PROVING_RINGS,
    PROVING_WORKS,
    PROVING_DIES,
    PROVING_CONNECTS,
    PROVING_DISK,
    PROVING_NETWORK,
    PROVING_FAR_CALLS,
    PROVING_LEASE,
    PROVING_SESSION,
    PROVING_REPLIES,
    PROVING_ORDERS,
};

/* ---- proving_site.c ---- */

struct proving_site {
    struct image *images[PROVING_IMAGES];
    unsigned skills, groups, vqs;
};

bool proving_site_make(struct proving_site *, uint64_t seed, struct error *);
void proving_site_free(struct proving_site *);
const struct image *proving_site_image(void *site, const uint8_t hash[CORE_HASH]);
/* Posts the directory and the first strategies to the core. */
void proving_site_post(const struct proving *, struct partition *);
void proving_site_skill(const struct proving_site *, struct partition *, uint32_t agent, uint32_t level);
/* TOLD_profile; `wall_us`: the wall clock of the leader */
void proving_site_profile(const struct proving *, struct partition *, const struct told_deed *, int64_t wall_us);
void proving_site_activate(const struct proving_site *, struct partition *, uint32_t image);
const char *proving_agent_name(uint32_t agent); /* "a0" */
const char *proving_agent_dn(uint32_t agent);   /* "70" */
uint32_t proving_agent_named(struct span name); /* PROVING_NOBODY */
uint32_t proving_agent_at(struct span dn);
const char *proving_point_dn(uint32_t point); /* "180" */
#define PROVING_MAIL_QUEUE "mail"
#define PROVING_FAR_QUEUE  "far" /* another domain has it */
#define PROVING_DEFAULT_DN "500"

/* ---- proving_store.c: the store of batches, which outlives nodes ---- */

struct proving_row {
    uint8_t *bytes;
    uint32_t length;
    unsigned writer; /* node and its life */
};

/* The leader's row, as it is in the database or as a process has last read it. */
struct proving_lead {
    uint64_t term, session;
    uint64_t lease_us;
    unsigned writer; /* the process with this session; no rule reads it, since real processes cannot know it */
};

/* The fate of a write whose answer is lost. */
enum proving_fate { FATE_LOST, FATE_THERE, FATE_LATER, FATES };

/* A batch that a process appends, or with which it takes the lead: the batch is then the first of the next term. */
struct proving_put {
    struct proving_lead lead; /* the term that the process has last read, and its own session and lease */
    bool takes;
    uint64_t number;
    struct span batch;
};

/* The kind of request that the database refuses for good. */
enum proving_denied { DENIED_APPEND, DENIED_TAKE, DENIED_LOOK, DENIED_NOTHING };

struct proving_store {
    struct proving_row *rows; /* rows[0] is batch 1 */
    uint64_t count;
    struct proving_lead lead;
    uint64_t beats, signed_us; /* signed_us: when the leader last gave a sign of life */
    uint64_t synced;           /* how many rows remain when the power fails */
    uint64_t full_until_us;
    enum proving_fate fate; /* of a lone node's next append, or of the next take; FATES: it gets an answer */
    enum proving_denied denied;
    struct proving_put *letters; /* writes that arrive later; the store owns their bytes */
    uint32_t letter_count;
    bool alone;                /* nobody else writes */
    bool away;                 /* requests made now get no answer */
    bool tears;                /* the next append is written in part, and the power fails */
    uint64_t stalled_until_us; /* until when the copies do not answer */
    uint64_t copied;           /* how many rows the copies have while they do not answer */
    bool fails_over;           /* at `stalled_until_us` one of the copies becomes the leader */
    enum proving_lie lie;
    const uint64_t *now_us;
};

void proving_store_free(struct proving_store *);
/* `lead` has the process's own session, lease and name; its term becomes the one that the process has read last.
 * `lead` must stay valid until the store is closed. `begins`: the process leads from now on, as a node without a
 * standby does. */
struct batches *proving_store_open(struct proving_store *, struct proving_lead *lead, bool begins);
/* Does a delayed write, without an answer: it does nothing if the process no longer leads or, for a take, if another
 * term has begun. */
void proving_store_arrives(struct proving_store *, const struct proving_put *);
/* Keeps a copy of the write for later, and returns its number among the letters. */
uint32_t proving_store_keeps(struct proving_store *, const struct proving_put *);
/* Returns the writer of the row; 0: there is no such row. */
unsigned proving_store_writer(const struct proving_store *, uint64_t number);
/* The power goes. */
void proving_store_falls(struct proving_store *);
bool proving_store_stalls(const struct proving_store *);
/* True: the leader's row and the last batch are from different processes. A take must change both or neither, so
 * this must never happen. */
bool proving_store_is_torn(const struct proving_store *);
/* Ends the silence of the copies: they answer again; or one of them becomes the leader, and rows that it does not
 * have are gone. */
void proving_store_copies(struct proving_store *);

/* ---- proving_wire.c: the adapters' connections ---- */

struct proving_event {
    uint8_t *frame; /* without source and number */
    uint32_t length;
};

struct proving_message { /* under way */
    uint8_t *frame;      /* NULL: free */
    uint32_t length, link, next_free;
    uint64_t number; /* the number of an event; or, without a frame, the last durable number */
    bool welcome;
};

struct proving_wire {
    bool up;          /* the connection is up for the adapter */
    uint64_t session; /* the number of the present connection, counted from the first */
    uint64_t process; /* the number of the adapter's process, from 1 */
    uint64_t epoch;   /* the highest term of a leader that the adapter has seen */
    unsigned node;    /* the node to which the link is connected */
    uint64_t life;    /* of that node */
    bool core_has;    /* the connection is up for the node */
    bool greeted;     /* the adapter has received its welcome */
    bool forgot;      /* the adapter's process is not the one that was welcomed last */
    uint64_t cut_until_us;
    size_t under_way;              /* how many messages of this session are on their way, in both directions */
    uint64_t up_at_us, down_at_us; /* order in each direction */
    /* The adapter's side: events that are not acknowledged yet; the first of them has the number `next_seq`. */
    struct proving_event *kept;
    size_t kept_count, sent;
    uint64_t next_seq;
};

/* ---- proving_ledger.c: the promises to the outside ---- */

struct proving_ledger {
    uint64_t *acknowledged[PROVING_LINKS]; /* hashes of acknowledged events; an event's index is its number - 1 */
    size_t acknowledged_count[PROVING_LINKS];
    uint64_t *released; /* hashes of the effects that were seen outside */
    size_t released_count;
    uint64_t digest;
};

/* ---- proving_switch.c ---- */

enum proving_place { CALLER_AT_POINT, CALLER_RINGS, CALLER_TALKS, CALLER_ELSEWHERE, CALLER_GONE };

enum { PROVING_ANSWERS = 8 };

struct proving_caller {
    uint64_t conn, ixn, last_ref;
    uint32_t number, point, agent;
    uint8_t place;      /* enum proving_place */
    uint32_t turn;      /* how often the caller has changed places, to recognise old plans */
    uint64_t treatment; /* the ref of the treatment that plays; 0: none plays */
    bool instructed;
    unsigned alone;           /* how many looks of the adapter in a row found no core */
    struct proving_answered { /* the effects answered last: a repeated effect is answered from here, not done again */
        uint64_t ixn, ref;
        uint8_t *frame;
        uint32_t length;
    } answers[PROVING_ANSWERS];
    unsigned answer_at;
};

struct proving_agent {
    uint8_t state; /* enum agent_state */
    uint32_t turn, caller;
    uint64_t since_us;
};

struct proving_invitation {
    uint64_t claim, ixn;
    uint32_t agent;
    bool accepted;
};

/* ---- proving_mail.c ---- */

struct proving_mail {
    uint64_t ixn; /* the number with which the core has acknowledged the mail; 0: not yet */
    uint32_t number;
    bool far; /* the mail is for a queue of another domain */
};

/* A message to a customer, which the adapter stores durably by its id. */
struct proving_sent {
    uint64_t ixn, ref;
    char id[64];
    bool owed; /* the core has not heard the result yet */
};

/* ---- proving_passage.c: interactions on their way between domains ---- */

enum proving_row_state { ROW_OUT, ROW_HELD, ROW_TAKEN, ROW_REFUSED };

struct proving_passage {
    bool comes;    /* it comes from the other domain; false: this core passes it on */
    bool there;    /* the receiving domain has accepted it */
    bool told;     /* the sending domain knows the result */
    uint8_t state; /* enum proving_row_state */
    uint8_t code;
    uint64_t ixn, ref; /* ixn: if it comes, what the core made of it; else the interaction that waits here */
    uint64_t put_us;
    uint64_t req, again_us; /* if it comes: the number of the request that submits it, and when it is submitted again */
};

/* ---- proving_loan.c: agents who are lent ---- */

struct proving_loan { /* the row of an agent in the table of loans, as in gcx_loan */
    uint64_t number;  /* 0: there is none */
    int64_t from_us, until_us;
    bool ends, answered, held, told;
};

/* A note made after a batch of this domain or of the other one. */
struct proving_moment {
    uint64_t at_us, number;
    unsigned writer;                   /* the node and its life that wrote the batch; 0: the other domain */
    uint64_t until_us[PROVING_AGENTS]; /* until when the domain gives each agent work; 0: it does not */
};

enum proving_job_kind { JOB_PUT, JOB_LOOK, JOB_SETTLE, JOB_TOLD, JOB_LEND, JOB_LOAN_ANSWER, JOB_LOAN_TOLD };

struct proving_job {
    uint8_t kind; /* enum proving_job_kind */
    bool back;    /* JOB_PUT: the interaction is to be taken back */
    bool over;
    uint32_t row; /* JOB_SETTLE, JOB_TOLD: the passage; jobs of loans: the agent */
    struct proving_loan loan;
    uint64_t ixn, ref; /* JOB_PUT */
    uint64_t process;  /* of the adapter */
};

/* ---- proving_source.c: a data source that strategies write to ---- */

struct proving_write {
    uint64_t ixn, ref, conn;
    unsigned node; /* who has asked, */
    uint64_t life; /* and hears the answer */
};

/* ---- proving_node.c ---- */

enum proving_kill { KILL_NOW, KILL_WRITING, KILL_WRITTEN, KILL_RELEASING, KILL_BEFORE_WRITING, KILLS };

struct proving_node {
    struct proving *world;
    unsigned number;
    uint64_t life;
    bool alive, paused, leads; /* leads: a batch of this life of the node is durable */
    bool silent;               /* it has died in the middle of its work: nothing more of it is seen outside */
    bool dies;                 /* it dies as soon as it may be freed */
    bool cuts;                 /* a snapshot is to be made, as soon as everything is durable */
    enum proving_kill armed;
    uint32_t left;                  /* KILL_RELEASING: how many more effects are seen before the node dies */
    uint64_t starves, starves_next; /* allocations until one is refused; the same for the node's next life */
    uint64_t away_us;
    int64_t ahead_us;         /* how far its wall clock is ahead, by a deed `skew` */
    uint64_t eaten_us;        /* the next append's answer is lost, and the store cannot be reached for so long; 0: no */
    uint64_t cut_until_us;    /* until when it has no connection to the store, apart from a parted network */
    uint64_t asked, asked_us; /* the number of the append without an answer yet, and since when it waits */
    struct proving_lead lead; /* its own session and lease, and the term that it has read or begun */
    uint64_t owned_us;        /* the last look where its session was not in the row, or could not be used */
    struct batches *store;
    struct simulated *simulated;
    struct partition *partition; /* of a leader */
    struct follower *follower;
    /* As gcxvm keeps them for each link: the number up to which its events are durable, the number of the last event
     * received, and that of the last event from an earlier process of the adapter. */
    uint64_t committed[PROVING_LINKS], taken[PROVING_LINKS], began[PROVING_LINKS];
    uint64_t process[PROVING_LINKS]; /* the adapter's process that was welcomed last */
};

/* ---- the world ---- */

/* An adapter at the outer end of a link. `up` and `forgets` may be NULL. */
struct proving_adapter {
    void (*effect)(struct proving *, const struct message *);
    void (*up)(struct proving *);      /* called when the core has welcomed the adapter */
    void (*forgets)(struct proving *); /* called when a new process replaces the adapter's */
};

/* Parts of the world that can be cut off from the database: nodes by their numbers, adapters by their links. */
enum proving_part { PART_NODE = 1, PART_SWITCH = 1 << PROVING_NODES };

struct proving {
    const struct proving_options *options;
    const struct story *story;
    struct proving_result *result;
    uint64_t seed, now_us;
    bool leaves;                /* agents may abandon what they work on */
    bool failed, quiet, faulty; /* quiet: no more faults come; faulty: the story has faults */
    struct agenda agenda;
    struct proving_site site;
    struct proving_store store;
    struct proving_wire wires[PROVING_LINKS];
    const struct proving_adapter *adapters; /* by link */
    struct proving_message *messages;
    uint32_t message_count, free_message;
    struct proving_ledger ledger;
    struct proving_caller *callers;
    struct proving_mail *mails;
    struct proving_invitation *invitations;
    struct proving_sent *sent;
    struct proving_write *writes;
    uint32_t caller_count, mail_count, invitation_count, sent_count, write_count;
    struct proving_passage *passages;
    struct proving_job *jobs;
    uint32_t passage_count, job_count;
    uint64_t reqs, jobs_us; /* jobs_us: when the last job given to the adapter is done */
    bool passes, looks;     /* passes: interactions pass between domains; looks: a look into the table has begun */
    struct proving_agent agents[PROVING_AGENTS];
    struct proving_far *far; /* NULL: nobody is lent */
    struct proving_loan loans[PROVING_AGENTS];
    struct proving_moment *moments;
    uint32_t moment_count;
    uint64_t loans_said[PROVING_AGENTS]; /* the loan's number last sent to the core, while the core has not answered */
    bool loans_all;                      /* since its link is up the adapter has not yet sent all loans to the core */
    bool jumps;                          /* the clocks differ by more than loans allow */
    struct proving_node nodes[PROVING_NODES];
    unsigned node_count;
    unsigned apart;          /* of enum proving_part, ... */
    uint64_t apart_until_us; /* ... until then */
    struct writer writer, stamped;
    char folder[200]; /* the folder for snapshots; "": the story makes none */
};

/* The first failure counts. */
void proving_fail(struct proving *, const char *format, ...) __attribute__((format(printf, 2, 3)));
uint64_t proving_drawn(const struct proving *, enum proving_purpose, uint64_t number, uint64_t below);
void proving_plan(struct proving *, uint64_t after_us, enum proving_due, uint32_t who, uint64_t what);
void proving_note(struct proving *, uint64_t word); /* adds a word to the digest of the play */
unsigned proving_part_of(unsigned node);            /* of enum proving_part */
bool proving_node_apart(const struct proving *, unsigned node);
bool proving_link_apart(const struct proving *, unsigned link);
struct proving_node *proving_leader(struct proving *); /* NULL: no node leads now, or the leader stands still */

/* The jobs of the adapter of other domains. */
#define PROVING_LOOKS_US 700000
const struct proving_wire *proving_domains_wire(const struct proving *);
void proving_job_new(struct proving *, struct proving_job);
void proving_job_given(struct proving *, struct proving_job, uint64_t after_us); /* the job begins after `after_us` */
void proving_loan_job(struct proving *, enum proving_job_kind, uint32_t agent, const struct proving_loan *);
void proving_passages_begin(struct proving *); /* plans the adapter's regular looks into the table */

void proving_ledger_free(struct proving_ledger *);
uint64_t proving_frame_hash(struct span);
void proving_hash_add(uint64_t **hashes, size_t *count, uint64_t hash);
/* Notes that an adapter has heard that its event is durable. */
void proving_acknowledged(struct proving *, unsigned link, uint64_t seq, struct span frame);
/* Notes that an effect was sent by a node and seen outside. */
void proving_released(struct proving *, struct span frame);
/* Checks that a core that was restarted, or is at its end, knows all acknowledged events. */
void proving_knows(struct proving *, const struct core *);
/* Plays the whole journal once more from its first batch, and checks all promises. */
void proving_ledger_close(struct proving *);

void proving_nodes_begin(struct proving *);
void proving_nodes_free(struct proving *);
void proving_node_restart(struct proving *, unsigned node);
void proving_node_look(struct proving *, unsigned node, uint64_t life);
void proving_node_beat(struct proving *, unsigned node, uint64_t life);
void proving_node_wake(struct proving *, unsigned node);
void proving_node_letter(struct proving *, uint32_t letter);
void proving_nodes_mend(struct proving *); /* the network is whole */
/* proving_nodes_turn() does everything of all nodes that is due; proving_nodes_due() returns when something is due
 * next. */
void proving_nodes_turn(struct proving *);
uint64_t proving_nodes_due(const struct proving *);
void proving_node_deed(struct proving *, const struct told_deed *);

void proving_wires_begin(struct proving *);
void proving_wires_free(struct proving *);
/* Begins an event of the adapter; the caller writes the fields after the envelope to the returned writer. */
struct writer *proving_event(struct proving *, unsigned link, unsigned kind, uint64_t ixn, uint64_t ref, uint64_t conn);
void proving_post(struct proving *, unsigned link);
void proving_post_again(struct proving *, unsigned link, struct span frame);
void proving_wire_connect(struct proving *, unsigned link);
/* The adapter's process dies, and forgets all that it keeps in memory. */
void proving_wire_dies(struct proving *, unsigned link, uint64_t for_us);
/* The adapter hangs: messages sent from now on, in both directions, arrive only when it continues. */
void proving_wire_hangs(struct proving *, unsigned link, uint64_t for_us);
/* True: nothing is on its way on a connection that is up, and nothing waits at either end. */
bool proving_wire_rests(const struct proving *, unsigned link, const struct proving_node *);
void proving_wire_cut(struct proving *, unsigned link, uint64_t for_us);
void proving_wire_noticed(struct proving *, unsigned link, uint64_t session);
void proving_wire_silent(struct proving *, unsigned link, uint64_t session);
void proving_wire_up(struct proving *, uint32_t message, uint64_t session);
void proving_wire_down(struct proving *, uint32_t message, uint64_t session);
void proving_wires_lost(struct proving *, unsigned node); /* the node is dead */
/* breaks the connections between the parts of a parted network */
void proving_wires_part(struct proving *);
/* the node stands still: adapters give their connections up after a while */
void proving_wires_stand(struct proving *, unsigned node);
void proving_wires_mend(struct proving *); /* ends all cuts of connections */
void proving_wire_effect(struct proving_node *, unsigned link, struct span frame);
void proving_wire_committed(struct proving_node *, unsigned link, uint64_t seq);

void proving_switch_begin(struct proving *);
void proving_switch_free(struct proving *);
void proving_switch_effect(struct proving *, const struct message *);
void proving_call_arrives(struct proving *, const struct told_deed *);
void proving_call_due(struct proving *, const struct agenda_entry *);
void proving_agent_due(struct proving *, const struct agenda_entry *);
void proving_agent_leaves(struct proving *, uint32_t agent, bool logs_out, uint64_t for_us);
/* Simulates that the T-Server loses its memory; calls and agents are in the switch, and continue. */
void proving_switch_forgets(struct proving *);
/* Checks that the core waits for nothing in vain: each answer it waits for is still to come, and it knows who is
 * logged in. To be called only while no message is on its way. */
void proving_switch_owes(struct proving *, const struct core *);
bool proving_switch_rests(const struct proving *);

void proving_mail_free(struct proving *);
void proving_mail_effect(struct proving *, const struct message *);
void proving_mail_arrives(struct proving *, const struct told_deed *);
void proving_mail_submit(struct proving *, uint32_t mail);
void proving_mail_sent(struct proving *, uint32_t sent);
/* Checks that nobody has an e-mail for longer without a reply than their strategy says. */
void proving_mail_overdue(struct proving *, const struct core *);
/* As proving_switch_owes. */
void proving_mail_owes(struct proving *, const struct core *);

/* Answers Resync and other requests that every adapter answers in the same way. */
void proving_plain_effect(struct proving *, unsigned link, const struct message *);

void proving_passages_free(struct proving *);
void proving_passage_effect(struct proving *, const struct message *);
void proving_passage_comes(struct proving *); /* an interaction comes from the other domain */
void proving_passage_job(struct proving *, uint32_t job);
void proving_passages_look(struct proving *);
void proving_passage_far(struct proving *, uint32_t passage, uint64_t state);
void proving_passages_up(struct proving *);     /* handles a new connection of the adapter */
void proving_passages_forget(struct proving *); /* handles a new process of the adapter */
/* As proving_switch_owes. */
void proving_passages_owe(struct proving *, const struct core *);
bool proving_passages_rest(const struct proving *);
/* Returns how many passages the receiving domain has accepted: with `came` this domain, else the other one. */
uint64_t proving_passages_taken(const struct proving *, bool came);
bool proving_passages_went(const struct proving *, uint64_t ixn); /* has the other domain accepted the interaction? */

/* Returns an agent's home; in every second world some agents belong to the other domain. */
unsigned proving_home(const struct proving *, uint32_t agent);
/* Change the row of an agent: put is done by the home, answer by the borrowing domain, told again by the home. */
void proving_loan_put(struct proving *, uint32_t agent, const struct proving_loan *);
void proving_loan_answer(struct proving *, uint32_t agent, const struct proving_loan *);
void proving_loan_told(struct proving *, uint32_t agent, const struct proving_loan *);
/* Has the domain's adapter still to send the row to its core? `all`: it has sent no rows yet. */
bool proving_loan_is_due(const struct proving *, uint32_t agent, unsigned domain, bool all);
/* Read Lend or LoanAnswer; write the fields of EventLent, of EventLoanAnswer and of AdminRequest lend or, for 0 s,
 * recall. */
uint32_t proving_loan_read(const struct message *effect, struct proving_loan *);
void proving_loan_write(const struct proving *, struct writer *, uint32_t agent);
void proving_loan_write_answer(const struct proving *, struct writer *, uint32_t agent);
void proving_loan_write_asked(const struct proving *, struct writer *, uint32_t agent, uint32_t for_s);
void proving_loan_effect(struct proving *, const struct message *);
void proving_loans_up(struct proving *);
void proving_loans_seen(struct proving *); /* handles the rows that a look has found */
/* After each batch. To be called after each batch; `writer` 0: a batch of the other domain. */
void proving_loans_note(struct proving *, const struct core *, unsigned writer, uint64_t number);
/* Checks a claim: a strategy has chosen the agent. */
void proving_loans_claimed(struct proving *, const struct core *, struct span agent);
void proving_loans_close(struct proving *);
/* True: each agent is at home, and all rows agree with that. */
bool proving_loans_rest(const struct proving *, const struct core *, const struct core *far); /* NULL: nobody is lent */
void proving_loans_free(struct proving *);

void proving_far_begin(struct proving *);
void proving_far_free(struct proving *);
const struct core *proving_far_core(const struct proving *);
void proving_far_looks(struct proving *);
void proving_far_lends(struct proving *, const struct told_deed *); /* TOLD_lend, TOLD_recall */
/* For TOLD_skew: returns how far the clock is ahead. */
int64_t proving_ahead_us(const struct told_deed *);
void proving_far_deed(struct proving *, const struct told_deed *);
void proving_far_turn(struct proving *);
uint64_t proving_far_due(const struct proving *);
void proving_far_mend(struct proving *);

void proving_source_free(struct proving *);
void proving_source_effect(struct proving_node *, struct span frame);
void proving_source_written(struct proving *, uint32_t write);
