// The floor of echo round trips: the same frames by a bare loop in C, without a script, metrics
// or limits, so that hardly more than the kernel's work is left.
//
//   kernel_floor epoll|io_uring ADDRESS PORT CONNECTIONS ROUNDS SIZE
//
// Each connection sends a masked text of SIZE bytes (at most 125), waits for it to come back, and
// sends what came, ROUNDS times in all (RFC 6455 sections 5.2 and 5.3).
//
// Exit codes: 0 done; 1 the server did otherwise; 2 wrong arguments; 3 not available here.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HEADER = 2, MASK = 4, LARGEST = 125, BUFFER = HEADER + MASK + LARGEST };

typedef struct {
  int socket;
  int rounds;
  unsigned have;
  unsigned char in[BUFFER];
  unsigned char out[BUFFER];
} Connection;

static unsigned size;
static unsigned char first_payload[LARGEST];
static uint64_t state = 0x9e3779b97f4a7c15u;

static void fail(const char *what) {
  fprintf(stderr, "kernel_floor: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint32_t fresh_mask(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}

static unsigned write_frame(unsigned char *out, const unsigned char *payload) {
  uint32_t mask = fresh_mask();
  out[0] = 0x81;
  out[1] = 0x80 | size;
  memcpy(out + HEADER, &mask, MASK);
  const unsigned char *key = out + HEADER;
  for (unsigned i = 0; i < size; i++) out[HEADER + MASK + i] = payload[i] ^ key[i & 3];
  return HEADER + MASK + size;
}

// Returns whether a whole frame is there; what waits is taken then.
static int take_frame(Connection *one) {
  if (one->have < HEADER + size) return 0;
  if (one->in[0] != 0x81 || one->in[1] != size || one->have != HEADER + size) {
    fprintf(stderr, "kernel_floor: this is not the frame that was sent\n");
    exit(1);
  }
  one->have = 0;
  return 1;
}

static int connected(const char *address, int port) {
  static const char request[] =
      "GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &to.sin_addr);
  int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  if (made < 0 || connect(made, (struct sockaddr *)&to, sizeof to) < 0) fail("connect");
  setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (send(made, request, sizeof request - 1, 0) < 0) fail("send");
  char answer[4096];
  size_t have = 0;
  while (have < 4 || memcmp(answer + have - 4, "\r\n\r\n", 4) != 0) {
    ssize_t got = have < sizeof answer ? recv(made, answer + have, 1, 0) : 0;
    if (got <= 0) fail("no answer to the upgrade");
    have += got;
  }
  if (memcmp(answer, "HTTP/1.1 101", 12) != 0) fail("the upgrade was refused");
  return made;
}

static void run_epoll(Connection *all, int count) {
  int poll = epoll_create1(EPOLL_CLOEXEC), open = count;
  struct epoll_event events[128];
  for (int i = 0; i < count; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, all[i].socket, &event) < 0) fail("epoll_ctl");
    unsigned length = write_frame(all[i].out, first_payload);
    if (send(all[i].socket, all[i].out, length, MSG_NOSIGNAL) < 0) fail("send");
  }
  while (open > 0) {
    int ready = epoll_wait(poll, events, 128, -1);
    for (int i = 0; i < ready; i++) {
      Connection *one = events[i].data.ptr;
      ssize_t got =
          recv(one->socket, one->in + one->have, sizeof one->in - one->have, MSG_DONTWAIT);
      if (got <= 0) fail("recv");
      one->have += got;
      if (!take_frame(one)) continue;
      if (--one->rounds == 0) {
        close(one->socket);
        open--;
        continue;
      }
      unsigned length = write_frame(one->out, one->in + HEADER);
      if (send(one->socket, one->out, length, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)length)
        fail("send");
    }
  }
}

typedef struct {
  int descriptor;
  unsigned entries, submitted;
  unsigned *sq_tail, *sq_mask, *cq_head, *cq_tail, *cq_mask;
  struct io_uring_sqe *sqes;
  struct io_uring_cqe *cqes;
} Ring;

static void open_ring(Ring *ring, unsigned entries) {
  struct io_uring_params params = {.flags = IORING_SETUP_SINGLE_ISSUER |
                                            IORING_SETUP_DEFER_TASKRUN};
  ring->descriptor = syscall(SYS_io_uring_setup, entries, &params);
  if (ring->descriptor < 0 || !(params.features & IORING_FEAT_SINGLE_MMAP)) exit(3);
  size_t sq = params.sq_off.array + params.sq_entries * sizeof(unsigned);
  size_t cq = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
  int shared = MAP_SHARED | MAP_POPULATE, both = PROT_READ | PROT_WRITE;
  char *rings = mmap(NULL, sq > cq ? sq : cq, both, shared, ring->descriptor, IORING_OFF_SQ_RING);
  ring->sqes = mmap(NULL, params.sq_entries * sizeof(struct io_uring_sqe), both, shared,
                    ring->descriptor, IORING_OFF_SQES);
  if (rings == MAP_FAILED || (void *)ring->sqes == MAP_FAILED) exit(3);
  ring->entries = params.sq_entries;
  ring->submitted = 0;
  ring->sq_tail = (unsigned *)(rings + params.sq_off.tail);
  ring->sq_mask = (unsigned *)(rings + params.sq_off.ring_mask);
  unsigned *array = (unsigned *)(rings + params.sq_off.array);
  for (unsigned i = 0; i < params.sq_entries; i++) array[i] = i;
  ring->cq_head = (unsigned *)(rings + params.cq_off.head);
  ring->cq_tail = (unsigned *)(rings + params.cq_off.tail);
  ring->cq_mask = (unsigned *)(rings + params.cq_off.ring_mask);
  ring->cqes = (struct io_uring_cqe *)(rings + params.cq_off.cqes);
}

static void enter(Ring *ring, unsigned wanted) {
  int done = syscall(SYS_io_uring_enter, ring->descriptor, ring->submitted, wanted,
                     IORING_ENTER_GETEVENTS, NULL, 0);
  if (done < 0 && errno != EINTR) fail("io_uring_enter");
  if (done > 0) ring->submitted -= done;
}

static void ask(Ring *ring, Connection *one, int is_send, unsigned length) {
  if (ring->submitted == ring->entries) enter(ring, 0);
  unsigned tail = *ring->sq_tail;
  struct io_uring_sqe *entry = &ring->sqes[tail & *ring->sq_mask];
  memset(entry, 0, sizeof *entry);
  entry->opcode = is_send ? IORING_OP_SEND : IORING_OP_RECV;
  entry->fd = one->socket;
  entry->addr = (uintptr_t)(is_send ? one->out : one->in + one->have);
  entry->len = is_send ? length : sizeof one->in - one->have;
  // What is sent well needs no answer; a message comes back then anyway.
  entry->flags = is_send ? IOSQE_CQE_SKIP_SUCCESS : 0;
  entry->msg_flags = is_send ? MSG_NOSIGNAL : 0;
  entry->user_data = is_send ? 0 : (uintptr_t)one;
  __atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
  ring->submitted++;
}

static void run_io_uring(Connection *all, int count) {
  Ring ring;
  int open = count;
  open_ring(&ring, 1024);
  for (int i = 0; i < count; i++) {
    ask(&ring, &all[i], 1, write_frame(all[i].out, first_payload));
    ask(&ring, &all[i], 0, 0);
  }
  while (open > 0) {
    enter(&ring, 1);
    unsigned head = *ring.cq_head, tail = __atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE);
    for (; head != tail; head++) {
      struct io_uring_cqe *done = &ring.cqes[head & *ring.cq_mask];
      Connection *one = (Connection *)(uintptr_t)done->user_data;
      if (one == NULL || done->res <= 0) {
        errno = done->res < 0 ? -done->res : ECONNRESET;
        fail("io_uring");
      }
      one->have += done->res;
      if (take_frame(one)) {
        if (--one->rounds == 0) {
          close(one->socket);
          open--;
          continue;
        }
        ask(&ring, one, 1, write_frame(one->out, one->in + HEADER));
      }
      ask(&ring, one, 0, 0);
    }
    __atomic_store_n(ring.cq_head, head, __ATOMIC_RELEASE);
  }
}

int main(int count, char **words) {
  if (count != 7) {
    fprintf(stderr, "usage: kernel_floor epoll|io_uring ADDRESS PORT CONNECTIONS ROUNDS SIZE\n");
    return 2;
  }
  int connections = atoi(words[4]);
  size = atoi(words[6]);
  if (connections < 1 || size > LARGEST) return 2;
  memset(first_payload, 'x', sizeof first_payload);
  Connection *all = calloc(connections, sizeof *all);
  for (int i = 0; i < connections; i++) {
    all[i].socket = connected(words[2], atoi(words[3]));
    all[i].rounds = atoi(words[5]);
  }
  if (strcmp(words[1], "io_uring") == 0)
    run_io_uring(all, connections);
  else
    run_epoll(all, connections);
  return 0;
}
