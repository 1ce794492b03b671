/* tests/proving/proving_state.h - Shared by the files of the proving ground (proving.h): the world and its parts.
 *
 * Single-threaded. Things to come stand in one agenda; what is due at the same moment happens in the order in which it
 * was planned. Every draw is of the seed, a purpose and a number of its own, so none depends on how many came before.
 */
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
    PROVING_SWITCH = SOURCE_LINKS, /* the link of the switch, its callers and agents */
    PROVING_MAIL,                  /* of e-mails, */
    PROVING_DOMAINS,               /* and of other domains */
    PROVING_LINKS = 3,
    PROVING_NODES = 2,
    PROVING_POINTS = 3, /* routing points with a strategy */
    PROVING_AGENTS = 6,
    PROVING_IMAGES = 2,
    PROVING_HERE = 1, /* this domain's partition, */
    PROVING_FAR,      /* and that of the other one */
};
#define PROVING_SECOND UINT64_C(1000000)
#define PROVING_NOBODY UINT32_MAX

/* The wall clock at 0. */
#define PROVING_WALL_US INT64_C(1704103200000000)

/* Things to come. `who` and `what` as the comment says. */
enum proving_due {
    DUE_DEED,     /* who: deed of the story */
    DUE_RESTART,  /* who: node */
    DUE_WAKE,     /* who: node, which has stood still */
    DUE_LOOK,     /* who: node: it follows, or looks whether the leader lives */
    DUE_BEAT,     /* who: node: a leader says that it lives; what: its life */
    DUE_CONNECT,  /* who: link */
    DUE_BREAKS,   /* who: link: its connection does */
    DUE_NOTICED,  /* who: link: its node notices that it was lost; what: session */
    DUE_SILENT,   /* who: link: its node has said nothing for too long; what: session */
    DUE_UP,       /* who: message to the core; what: session */
    DUE_DOWN,     /* who: message to the adapter; what: session */
    DUE_TREATED,  /* who: caller; what: ref */
    DUE_ANSWER,   /* who: caller; what: turn */
    DUE_RELEASE,  /* who: caller; what: turn */
    DUE_HANGS_UP, /* who: caller */
    DUE_DEFAULT,  /* who: caller; what: turn: the adapter waits for an instruction no longer */
    DUE_READY,    /* who: agent; what: turn */
    DUE_INVITED,  /* who: invitation */
    DUE_WORKED,   /* who: invitation */
    DUE_SUBMIT,   /* who: mail */
    DUE_SENT,     /* who: message to a customer */
    DUE_WRITTEN,  /* who: write of a data source */
    DUE_JOB,      /* who: job of the adapter of other domains */
    DUE_LOOKS,    /* that adapter looks into the table */
    DUE_FAR,      /* who: passage, which the other domain looks at; what: its state for that */
    DUE_FAR_LOOK, /* the other domain of lent agents looks into the table */
    DUE_LETTER,   /* who: an append that the network had kept */
    DUE_COPIES,   /* the copies of the database answer again, or lead */
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
};

/* ---- proving_site.c ---- */

struct proving_site {
    struct image *images[PROVING_IMAGES];
    unsigned skills, groups, vqs;
};

bool proving_site_make(struct proving_site *, uint64_t seed, struct error *);
void proving_site_free(struct proving_site *);
const struct image *proving_site_image(void *site, const uint8_t hash[CORE_HASH]);
/* Posts the directory and the first strategies. */
void proving_site_post(const struct proving *, struct partition *);
void proving_site_skill(const struct proving_site *, struct partition *, uint32_t agent, uint32_t level);
void proving_site_activate(const struct proving_site *, struct partition *, uint32_t image);
const char *proving_agent_name(uint32_t agent); /* "a0" */
const char *proving_agent_dn(uint32_t agent);   /* "70" */
uint32_t proving_agent_named(struct span name); /* PROVING_NOBODY */
uint32_t proving_agent_at(struct span dn);
const char *proving_point_dn(uint32_t point); /* "180" */
#define PROVING_MAIL_QUEUE "mail"
#define PROVING_FAR_QUEUE  "far" /* another domain has it */
#define PROVING_DEFAULT_DN "500"

/* ---- proving_store.c: the place of batches, which outlives nodes ---- */

struct proving_row {
    uint8_t *bytes;
    uint32_t length;
    unsigned writer; /* node and its life */
};

/* The leader's row, as it is in the database or as a process has read it. */
struct proving_lead {
    uint64_t term, session;
    uint64_t lease_us;
    unsigned writer; /* whose session it is; no rule reads it, because a process cannot know it */
};

/* The outcome of a write whose answer is lost. */
enum proving_fate { FATE_LOST, FATE_THERE, FATE_LATER, FATES };

/* A batch that a process appends, or with which it takes the lead: then it is the first of the next term. */
struct proving_put {
    struct proving_lead lead; /* the term that the process has read, and its own session and lease */
    bool takes;
    uint64_t number;
    struct span batch;
};

/* The question that the database refuses for good. */
enum proving_denied { DENIED_APPEND, DENIED_TAKE, DENIED_LOOK, DENIED_NOTHING };

struct proving_store {
    struct proving_row *rows; /* batch 1 is the first */
    uint64_t count;
    struct proving_lead lead;
    uint64_t beats, signed_us; /* signed_us: the leader's last sign of life */
    uint64_t synced;           /* rows that are still there when the power goes */
    uint64_t full_until_us;
    enum proving_fate fate; /* of the next append of a lone node, or of the next take; FATES: it is answered */
    enum proving_denied denied;
    struct proving_put *letters; /* writes that come later; their bytes are the store's */
    uint32_t letter_count;
    bool alone;                /* nobody else writes */
    bool away;                 /* whoever asks now has no answer */
    bool tears;                /* the next append is cut off, and the power goes */
    uint64_t stalled_until_us; /* the copies do not answer; ... */
    uint64_t copied;           /* ... and have so many rows, */
    bool fails_over;           /* with which one of them leads then */
    enum proving_lie lie;
    const uint64_t *now_us;
};

void proving_store_free(struct proving_store *);
/* The process's own `lead` has its session, lease and name; the term becomes what the process has read last. Borrowed
 * until the store is closed. `begins`: the process leads from now on, as one does that follows nobody. */
struct batches *proving_store_open(struct proving_store *, struct proving_lead *lead, bool begins);
/* The database does what was asked, without an answer: nothing, if the process leads no longer or, for a take, if
 * another term has begun. */
void proving_store_arrives(struct proving_store *, const struct proving_put *);
/* Keeps a copy, and returns its number among the letters. */
uint32_t proving_store_keeps(struct proving_store *, const struct proving_put *);
/* Whose row it is; 0: there is none. */
unsigned proving_store_writer(const struct proving_store *, uint64_t number);
/* The power goes. */
void proving_store_falls(struct proving_store *);
bool proving_store_stalls(const struct proving_store *);
/* True: the leader's row names another process than the one that wrote the last batch. A take changes both or neither.
 */
bool proving_store_is_torn(const struct proving_store *);
/* The copies answer again; or one of them leads, and what the others had beyond it is gone. */
void proving_store_copies(struct proving_store *);

/* ---- proving_wire.c: two adapters' connections ---- */

struct proving_event {
    uint8_t *frame; /* without source and number */
    uint32_t length;
};

struct proving_message { /* under way */
    uint8_t *frame;      /* NULL: free */
    uint32_t length, link, next_free;
    uint64_t number; /* of an event, or up to which events are durable; then it has no frame */
    bool welcome;
};

struct proving_wire {
    bool up;          /* as the adapter has it */
    uint64_t session; /* of this and all earlier connections */
    uint64_t process; /* of the adapter's processes, from 1 */
    uint64_t epoch;   /* the highest that was ever seen */
    unsigned node;    /* to which it is connected */
    uint64_t life;    /* of that node */
    bool core_has;    /* the node counts it as up */
    bool greeted;     /* the adapter has had its welcome */
    bool forgot;      /* the adapter is another process than the one that was greeted last */
    uint64_t cut_until_us;
    size_t under_way;              /* messages of this session, in both directions */
    uint64_t up_at_us, down_at_us; /* order in each direction */
    /* The adapter's side: events that are not acknowledged, the first of which has the number `next_seq`. */
    struct proving_event *kept;
    size_t kept_count, sent;
    uint64_t next_seq;
};

/* ---- proving_ledger.c: what was promised ---- */

struct proving_ledger {
    uint64_t *acknowledged[PROVING_LINKS]; /* hashes of events, by their numbers less one */
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
    uint32_t turn;      /* how often it was somewhere */
    uint64_t treatment; /* its ref; 0: none plays */
    bool instructed;
    unsigned alone;           /* how often in a row the core was away when the adapter looked */
    struct proving_answered { /* the effects that were answered last: one that comes again is not done again */
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
    uint64_t ixn; /* as the core has acknowledged it; 0: not yet */
    uint32_t number;
    bool far; /* for a queue of another domain */
};

/* A message to a customer, as the adapter keeps it durably by its id. */
struct proving_sent {
    uint64_t ixn, ref;
    char id[64];
    bool owed; /* the core is still to hear of it */
};

/* ---- proving_passage.c: what is on its way between domains ---- */

enum proving_row_state { ROW_OUT, ROW_HELD, ROW_TAKEN, ROW_REFUSED };

struct proving_passage {
    bool comes;    /* from the other domain; else the core hands it over */
    bool there;    /* the domain that it went to has it */
    bool told;     /* its source knows what became of it */
    uint8_t state; /* enum proving_row_state */
    uint8_t code;
    uint64_t ixn, ref; /* comes: what the core has made of it; else who waits for the answer */
    uint64_t put_us;
    uint64_t req, again_us; /* comes: submitted under that, or to be from then on */
};

/* ---- proving_loan.c: agents who are lent ---- */

struct proving_loan { /* the row of an agent: as in gcx_loan */
    uint64_t number;  /* 0: there is none */
    int64_t from_us, until_us;
    bool ends, answered, held, told;
};

/* After a batch of this domain or of the other one. */
struct proving_moment {
    uint64_t at_us, number;
    unsigned writer;                   /* node and its life; 0: the other domain */
    uint64_t until_us[PROVING_AGENTS]; /* it gives the agent work until then; 0: it does not */
};

enum proving_job_kind { JOB_PUT, JOB_LOOK, JOB_SETTLE, JOB_TOLD, JOB_LEND, JOB_LOAN_ANSWER, JOB_LOAN_TOLD };

struct proving_job {
    uint8_t kind; /* enum proving_job_kind */
    bool back;    /* JOB_PUT: it is wanted back */
    bool over;
    uint32_t row; /* JOB_SETTLE, JOB_TOLD; of loans: the agent */
    struct proving_loan loan;
    uint64_t ixn, ref; /* JOB_PUT */
    uint64_t process;  /* of the adapter */
};

/* ---- proving_source.c: a data source, which is written to ---- */

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
    bool alive, paused, leads; /* leads: a batch of this life is durable */
    bool silent;               /* it has died in the midst of what it does: nothing more of it is seen */
    bool dies;                 /* as soon as it may be freed */
    bool cuts;                 /* a snapshot, as soon as all is durable */
    enum proving_kill armed;
    uint32_t left;                  /* of KILL_RELEASING: effects that are seen before */
    uint64_t starves, starves_next; /* so many allocations succeed before one that does not; of its next life */
    uint64_t away_us;
    int64_t ahead_us;      /* its wall clock, by a deed `skew` */
    uint64_t eaten_us;     /* the answer of the next append is lost, and the way to the store for so long; 0: is not */
    uint64_t cut_until_us; /* has no way to the store, whatever the parts of the network are */
    uint64_t asked, asked_us; /* the append that has no answer yet, and since when */
    struct proving_lead lead; /* its own session and lease, and the term that it has read or begun */
    uint64_t owned_us;        /* the last look that did not find its session in the row, or could not use it */
    struct batches *store;
    struct simulated *simulated;
    struct partition *partition; /* of a leader */
    struct follower *follower;
    /* As gcxvm has them of each link: the number up to which its events are durable, that of the last one that came,
     * and that of the last one which is not of the adapter's present process. */
    uint64_t committed[PROVING_LINKS], taken[PROVING_LINKS], began[PROVING_LINKS];
    uint64_t process[PROVING_LINKS]; /* the adapter's that was greeted last */
};

/* ---- the world ---- */

/* The adapter at the outer end of a link. `up` and `forgets` may be NULL. */
struct proving_adapter {
    void (*effect)(struct proving *, const struct message *);
    void (*up)(struct proving *);      /* the core has greeted it */
    void (*forgets)(struct proving *); /* its process is another one */
};

/* Parts of the world that can be apart from the database: nodes by their numbers, adapters by their links. */
enum proving_part { PART_NODE = 1, PART_SWITCH = 1 << PROVING_NODES };

struct proving {
    const struct proving_options *options;
    const struct story *story;
    struct proving_result *result;
    uint64_t seed, now_us;
    bool leaves;                /* agents may leave what they have */
    bool failed, quiet, faulty; /* quiet: faults are over; faulty: the story has some */
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
    uint64_t reqs, jobs_us; /* jobs_us: when the last job that was given is done */
    bool passes, looks;     /* something is on its way; a look is under way */
    struct proving_agent agents[PROVING_AGENTS];
    struct proving_far *far; /* NULL: nobody is lent */
    struct proving_loan loans[PROVING_AGENTS];
    struct proving_moment *moments;
    uint32_t moment_count;
    uint64_t loans_said[PROVING_AGENTS]; /* the adapter: the number that the core has heard last, and not answered */
    bool loans_all;                      /* the adapter has yet to tell the core all loans since its link is up */
    bool jumps;                          /* clocks differ by more than loans allow */
    struct proving_node nodes[PROVING_NODES];
    unsigned node_count;
    unsigned apart;          /* of enum proving_part, ... */
    uint64_t apart_until_us; /* ... until then */
    struct writer writer, stamped;
    char folder[200]; /* of the snapshots; "": the story has none */
};

/* The first failure counts. */
void proving_fail(struct proving *, const char *format, ...) __attribute__((format(printf, 2, 3)));
uint64_t proving_drawn(const struct proving *, enum proving_purpose, uint64_t number, uint64_t below);
void proving_plan(struct proving *, uint64_t after_us, enum proving_due, uint32_t who, uint64_t what);
void proving_note(struct proving *, uint64_t word); /* into the digest of the play */
unsigned proving_part_of(unsigned node);            /* of enum proving_part */
bool proving_node_apart(const struct proving *, unsigned node);
bool proving_link_apart(const struct proving *, unsigned link);
struct proving_node *proving_leader(struct proving *); /* NULL: none leads now, or it stands still */

/* The jobs of the adapter of other domains. */
#define PROVING_LOOKS_US 700000
const struct proving_wire *proving_domains_wire(const struct proving *);
void proving_job_new(struct proving *, struct proving_job);
void proving_job_given(struct proving *, struct proving_job, uint64_t after_us); /* the same, after so long */
void proving_loan_job(struct proving *, enum proving_job_kind, uint32_t agent, const struct proving_loan *);
void proving_passages_begin(struct proving *); /* the adapter looks now and then */

void proving_ledger_free(struct proving_ledger *);
uint64_t proving_frame_hash(struct span);
void proving_hash_add(uint64_t **hashes, size_t *count, uint64_t hash);
/* An adapter has heard that its event is durable. */
void proving_acknowledged(struct proving *, unsigned link, uint64_t seq, struct span frame);
/* An effect has left a node. */
void proving_released(struct proving *, struct span frame);
/* A core that has come back, or is at its end, knows all that was acknowledged. */
void proving_knows(struct proving *, const struct core *);
/* The whole journal, from its first batch, is played once more, and all books are closed. */
void proving_ledger_close(struct proving *);

void proving_nodes_begin(struct proving *);
void proving_nodes_free(struct proving *);
void proving_node_restart(struct proving *, unsigned node);
void proving_node_look(struct proving *, unsigned node, uint64_t life);
void proving_node_beat(struct proving *, unsigned node, uint64_t life);
void proving_node_wake(struct proving *, unsigned node);
void proving_node_letter(struct proving *, uint32_t letter);
/* Is the node, or the adapter of the link, in the other part of the network than the database? */
void proving_nodes_mend(struct proving *); /* the network is whole */
/* Takes what is due of all nodes; and when something is. */
void proving_nodes_turn(struct proving *);
uint64_t proving_nodes_due(const struct proving *);
void proving_node_deed(struct proving *, const struct told_deed *);

void proving_wires_begin(struct proving *);
void proving_wires_free(struct proving *);
/* An event of the adapter: its fields after the envelope, in the world's writer. */
struct writer *proving_event(struct proving *, unsigned link, unsigned kind, uint64_t ixn, uint64_t ref, uint64_t conn);
void proving_post(struct proving *, unsigned link);
void proving_post_again(struct proving *, unsigned link, struct span frame);
void proving_wire_connect(struct proving *, unsigned link);
/* The adapter's process dies: it forgets what it keeps. */
void proving_wire_dies(struct proving *, unsigned link, uint64_t for_us);
/* The adapter hangs: what is sent from now on, in both directions, arrives when it goes on. */
void proving_wire_hangs(struct proving *, unsigned link, uint64_t for_us);
/* Nothing is under way on a connection that is up, and nothing waits at either end. */
bool proving_wire_rests(const struct proving *, unsigned link, const struct proving_node *);
void proving_wire_cut(struct proving *, unsigned link, uint64_t for_us);
void proving_wire_noticed(struct proving *, unsigned link, uint64_t session);
void proving_wire_silent(struct proving *, unsigned link, uint64_t session);
void proving_wire_up(struct proving *, uint32_t message, uint64_t session);
void proving_wire_down(struct proving *, uint32_t message, uint64_t session);
void proving_wires_lost(struct proving *, unsigned node);  /* the node is dead */
void proving_wires_part(struct proving *);                 /* connections between the parts of the network are lost */
void proving_wires_stand(struct proving *, unsigned node); /* it stands still: adapters give it up after a while */
void proving_wires_mend(struct proving *);                 /* nothing is cut any more */
void proving_wire_effect(struct proving_node *, unsigned link, struct span frame);
void proving_wire_committed(struct proving_node *, unsigned link, uint64_t seq);

void proving_switch_begin(struct proving *);
void proving_switch_free(struct proving *);
void proving_switch_effect(struct proving *, const struct message *);
void proving_call_arrives(struct proving *, const struct told_deed *);
void proving_call_due(struct proving *, const struct agenda_entry *);
void proving_agent_due(struct proving *, const struct agenda_entry *);
void proving_agent_leaves(struct proving *, uint32_t agent, bool logs_out, uint64_t for_us);
/* The T-Server's memory is lost; calls and agents are the switch's, and go on. */
void proving_switch_forgets(struct proving *);
/* The core waits for nothing in vain: an answer for which it waits is still to come, and it knows who is logged in.
 * Asked while nothing is under way. */
void proving_switch_owes(struct proving *, const struct core *);
bool proving_switch_rests(const struct proving *);

void proving_mail_free(struct proving *);
void proving_mail_effect(struct proving *, const struct message *);
void proving_mail_arrives(struct proving *, const struct told_deed *);
void proving_mail_submit(struct proving *, uint32_t mail);
void proving_mail_sent(struct proving *, uint32_t sent);
/* As proving_switch_owes. */
void proving_mail_owes(struct proving *, const struct core *);

/* Resync and whatever else an adapter without anything of its own is asked. */
void proving_plain_effect(struct proving *, unsigned link, const struct message *);

void proving_passages_free(struct proving *);
void proving_passage_effect(struct proving *, const struct message *);
void proving_passage_comes(struct proving *); /* the other domain hands something over */
void proving_passage_job(struct proving *, uint32_t job);
void proving_passages_look(struct proving *);
void proving_passage_far(struct proving *, uint32_t passage, uint64_t state);
void proving_passages_up(struct proving *);     /* the adapter has a new connection */
void proving_passages_forget(struct proving *); /* its process is another one */
/* As proving_switch_owes. */
void proving_passages_owe(struct proving *, const struct core *);
bool proving_passages_rest(const struct proving *);
/* How many the domain has that they went to: this one where they came, else the other. */
uint64_t proving_passages_taken(const struct proving *, bool came);
bool proving_passages_went(const struct proving *, uint64_t ixn); /* the other domain has it */

/* Some agents are the other domain's in every second world. */
unsigned proving_home(const struct proving *, uint32_t agent);
/* By its home, by the domain to which the agent is lent, and by the home again. */
void proving_loan_put(struct proving *, uint32_t agent, const struct proving_loan *);
void proving_loan_answer(struct proving *, uint32_t agent, const struct proving_loan *);
void proving_loan_told(struct proving *, uint32_t agent, const struct proving_loan *);
/* The domain's adapter has to tell its core of the row; `all`: it has told nothing yet. */
bool proving_loan_is_due(const struct proving *, uint32_t agent, unsigned domain, bool all);
/* Lend or LoanAnswer; the fields of EventLent, of EventLoanAnswer and of AdminRequest lend or, for 0 s, recall. */
uint32_t proving_loan_read(const struct message *effect, struct proving_loan *);
void proving_loan_write(const struct proving *, struct writer *, uint32_t agent);
void proving_loan_write_answer(const struct proving *, struct writer *, uint32_t agent);
void proving_loan_write_asked(const struct proving *, struct writer *, uint32_t agent, uint32_t for_s);
void proving_loan_effect(struct proving *, const struct message *);
void proving_loans_up(struct proving *);
void proving_loans_seen(struct proving *); /* what a look has found of them */
/* After each batch. `writer` 0: of the other domain. */
void proving_loans_note(struct proving *, const struct core *, unsigned writer, uint64_t number);
/* A strategy has chosen the agent. */
void proving_loans_claimed(struct proving *, const struct core *, struct span agent);
void proving_loans_close(struct proving *);
/* Each agent is at home, and the rows say nothing else. */
bool proving_loans_rest(const struct proving *, const struct core *, const struct core *far); /* NULL: nobody is lent */
void proving_loans_free(struct proving *);

void proving_far_begin(struct proving *);
void proving_far_free(struct proving *);
const struct core *proving_far_core(const struct proving *);
void proving_far_looks(struct proving *);
void proving_far_lends(struct proving *, const struct told_deed *); /* TOLD_lend, TOLD_recall */
/* TOLD_skew: so much is the clock ahead. */
int64_t proving_ahead_us(const struct told_deed *);
void proving_far_deed(struct proving *, const struct told_deed *);
void proving_far_turn(struct proving *);
uint64_t proving_far_due(const struct proving *);
void proving_far_mend(struct proving *);

void proving_source_free(struct proving *);
void proving_source_effect(struct proving_node *, struct span frame);
void proving_source_written(struct proving *, uint32_t write);
