/* tests/unit/host_simulated.c - The simulated host does what it is told, when it is told. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/host/simulated.h"

struct seen {
    unsigned appended, stored;
    enum append_result result, next;
};

static enum append_result store(void *self, uint64_t number, struct span batch)
{
    (void)number, (void)batch;
    enum append_result result = ((struct seen *)self)->next;
    ((struct seen *)self)->next = APPEND_OK;
    ((struct seen *)self)->stored += result == APPEND_OK;
    return result;
}

static void appended(void *self, enum append_result result)
{
    ((struct seen *)self)->appended++;
    ((struct seen *)self)->result = result;
}

static const struct span batch = {(const uint8_t *)"batch", 5};

Test(simulated, an_append_takes_as_long_as_it_is_told_to, .timeout = 10)
{
    struct seen seen = {0};
    struct simulated *sim = simulated_new(
        &(struct simulated_options){.append_delay_us = 700, .self = &seen, .append = store, .appended = appended});
    const struct host *host = simulated_host(sim);
    host->append(host->self, 1, batch);
    cr_assert_eq(simulated_due(sim), 700);
    simulated_advance(sim, 699);
    cr_assert_eq(seen.appended, 0);
    simulated_advance(sim, 700);
    cr_assert_eq(seen.appended, 1);
    cr_assert_eq(seen.stored, 1);
    cr_assert_eq(simulated_due(sim), UINT64_MAX);
    simulated_slow(sim, 300);
    host->append(host->self, 2, batch);
    cr_assert_eq(simulated_due(sim), 1700);
    cr_assert(simulated_appends(sim));
    simulated_advance(sim, 1700);
    cr_assert_not(simulated_appends(sim));
    host->append(host->self, 3, batch);
    cr_assert_eq(simulated_due(sim), 2400, "the next one is as fast as ever");
    simulated_free(sim);
}

Test(simulated, an_append_ends_as_its_store_says, .timeout = 10)
{
    struct seen seen = {.next = APPEND_UNKNOWN};
    struct simulated *sim =
        simulated_new(&(struct simulated_options){.self = &seen, .append = store, .appended = appended});
    const struct host *host = simulated_host(sim);
    host->append(host->self, 1, batch);
    simulated_advance(sim, 0);
    cr_assert_eq(seen.result, APPEND_UNKNOWN);
    cr_assert_eq(seen.stored, 0);
    host->append(host->self, 2, batch);
    simulated_advance(sim, 0);
    cr_assert_eq(seen.result, APPEND_OK);
    simulated_free(sim);
}

Test(simulated, clocks_move_only_by_hand_and_entropy_by_its_seed, .timeout = 10)
{
    uint8_t one[16], other[16];
    struct simulated *a = simulated_new(&(struct simulated_options){.seed = 7, .wall_us = 1000});
    struct simulated *b = simulated_new(&(struct simulated_options){.seed = 7, .wall_us = 1000});
    const struct host *host = simulated_host(a);
    host->entropy(host->self, one, sizeof one);
    simulated_host(b)->entropy(simulated_host(b)->self, other, sizeof other);
    cr_assert_eq(memcmp(one, other, sizeof one), 0);
    host->wake_at(host->self, 50);
    cr_assert_eq(simulated_due(a), 50);
    simulated_advance(a, 60);
    simulated_advance(a, 10);
    cr_assert_eq(host->monotonic_us(host->self), 60, "never back");
    cr_assert_eq(host->wall_us(host->self), 1060);
    simulated_wall_jump(a, -500);
    cr_assert_eq(host->wall_us(host->self), 560);
    simulated_free(a);
    simulated_free(b);
}

Test(real, clocks_go_forward_and_entropy_differs, .timeout = 10)
{
    struct host host = {0};
    char boot[BOOT_SIZE];
    host_real(&host, boot);
    cr_assert_str_eq(host.boot, boot);
    cr_assert_neq(boot[0], '\0', "Linux tells it");
    uint64_t before = host.monotonic_us(NULL);
    cr_assert_geq(host.monotonic_us(NULL), before);
    cr_assert_gt(host.wall_us(NULL), 1600000000000000);
    uint64_t one = 0, other = 0;
    host.entropy(NULL, &one, sizeof one);
    host.entropy(NULL, &other, sizeof other);
    cr_assert_neq(one, other);
}
