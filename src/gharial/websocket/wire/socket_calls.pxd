# The calls of Linux that sockets take which are read here; elsewhere they all fail.

cdef extern from *:
    """
    #include <errno.h>
    #include <stddef.h>

    typedef struct { unsigned int happened; int number; } socket_event;

    #ifdef __linux__
    #include <sys/epoll.h>
    #include <sys/socket.h>
    #include <unistd.h>

    #define SOCKET_IN EPOLLIN
    #define SOCKET_OUT EPOLLOUT
    #define SOCKET_EVENTS 128

    static int socket_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

    static int socket_listen(int epoll, int number, unsigned before, unsigned wanted)
    {
        struct epoll_event event = {wanted, {.fd = number}};
        return epoll_ctl(
            epoll,
            !wanted ? EPOLL_CTL_DEL : before ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
            number,
            &event);
    }

    static int socket_ready(int epoll, socket_event *found)
    {
        struct epoll_event events[SOCKET_EVENTS];
        int count = epoll_wait(epoll, events, SOCKET_EVENTS, 0);
        for (int index = 0; index < count; index++) {
            found[index].happened = events[index].events;
            found[index].number = events[index].data.fd;
        }
        return count;
    }

    static ptrdiff_t socket_write(int number, const char *data, size_t size)
    {
        ptrdiff_t sent;
        do
            sent = send(number, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        while (sent < 0 && errno == EINTR);
        return sent;
    }

    static int socket_has_more(int number)
    {
        char one;
        return recv(number, &one, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
    }

    static void socket_close(int number) { close(number); }
    #else
    #define SOCKET_IN 1
    #define SOCKET_OUT 4
    #define SOCKET_EVENTS 1
    static int socket_epoll(void) { errno = ENOSYS; return -1; }
    static int socket_listen(int epoll, int number, unsigned before, unsigned wanted)
    {
        errno = ENOSYS;
        return -1;
    }
    static int socket_ready(int epoll, socket_event *found) { return 0; }
    static ptrdiff_t socket_write(int number, const char *data, size_t size)
    {
        errno = ENOSYS;
        return -1;
    }
    static int socket_has_more(int number) { return 0; }
    static void socket_close(int number) {}
    #endif
    """
    ctypedef struct socket_event:
        unsigned int happened
        int number
    unsigned int SOCKET_IN, SOCKET_OUT
    enum: SOCKET_EVENTS
    int socket_epoll()
    int socket_listen(int epoll, int number, unsigned int before, unsigned int wanted)
    int socket_ready(int epoll, socket_event* found)
    Py_ssize_t socket_write(int number, const char* data, size_t size)
    bint socket_has_more(int number)
    void socket_close(int number)
