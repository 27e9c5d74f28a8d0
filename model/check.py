#!/usr/bin/env python3
"""Explicit-state model of the etcd-lock protocol (DESIGN section 3). See README."""
import random, sys, time
FLAGS = dict(tomb=1,          # 0: no tombstones at all; 'unres': only for takes given up unresolved; 1: for every take with >1 attempt
             guard=1, reuse=0,  # guard=0: delete/hand-over without create_revision compare; reuse=1: one key name per process (lease id)
             byname=1,        # a key of a take with >1 attempt ends by {delete by name, put tombstone}, not by a guarded delete
             perkey=1,        # a hand-over whose guard fails is followed by a guarded delete of each old key
             own=1,           # verify read / re-read also checks that our own key is there
             atomic=1,        # events of one revision are applied as one
             log=1,           # events that overtake the answer of a take/read are kept and replayed
             export=1,        # a handle whose guard was used is never passed on without a write
             eqset=1,         # a pass needs equal key sets (0: subset pass + take of the rest)
             eqmode=1,        # a pass needs equal modes
             hold_for=0,      # 1: a release whose next local waiter is not ready keeps the key for it
             turns=1, dup=1, K=4096,
             fresh=1,         # a take without an answer is not repeated: its name is ended and the next attempt has another (0: same name again)
             endold=1,        # that old name is ended, by delete and tombstone
             share=1,         # a local reader may hold a shared key of its process too, without a write
             last=1,          # a shared key is deleted by the last of its local holders (0: by the first)
             ownlease=1,      # holdAtLeast: the key moves to a lease of its own before the holder counts as gone (0: it stays on the session's)
             weigh=1,         # a permit's key counts with its weight (0: as one)
             gap=1,           # a watch that began after our read is not believed before another read (0: its events count at once)
             least=1,         # the smallest n ahead counts (0: one's own)
             mguard=1,        # that put compares the create revision
             names=1,         # a name is used again once its end is confirmed and everything asked under it is answered (0: never)
             spent=1,         # but not if a take, a hand-over or an end of it had no answer (0: it is)
             stand=1,         # far behind only one key ahead is watched, and the others still count (0: they are forgotten)
             again=1)         # when that key is gone the line is watched and read (0: nothing is done)
# mode 'X', 'S', or 'Pwn': w of n permits of a semaphore; the name of such a key carries its mode, as the value does in etcd
ALL = 'timeout dup lapse drop opdel watch giveup'.split()
ACTIVE = ('queue', 'take', 'wait', 'hand', 'held', 'keep', 'move')

class Bad(Exception): pass

class R:   # one request of one thread
    __slots__ = 'lines mode st tick node base ahead multi pas exp nm need kp'.split()
    def __init__(s, lines, mode, kp=0):
        s.kp = kp   # to keep its key for a minimum time
        s.lines, s.mode, s.st, s.tick, s.node, s.base, s.ahead = lines, mode, 'idle', 0, (), (), ()
        s.multi = s.pas = s.exp = 0; s.nm = None; s.need = 0
    def frz(s): return (s.lines, s.mode, s.st, s.tick, s.node, s.base, s.ahead, s.multi, s.pas, s.exp, s.nm, s.need, s.kp)
    @staticmethod
    def thw(t):
        r = R.__new__(R)
        r.lines, r.mode, r.st, r.tick, r.node, r.base, r.ahead, r.multi, r.pas, r.exp, r.nm, r.need, r.kp = t
        return r
    def A(s): return dict(s.ahead)
    def B(s): return dict(s.base)
    def setA(s, d): s.ahead = tuple(sorted((l, frozenset(v)) for l, v in d.items()))
    def setB(s, d): s.base = tuple(sorted(d.items()))

def admitted(mode, ahead, F=FLAGS):   # who is let in behind those ahead that count
    if mode[0] != 'P': return not ahead
    w = lambda m: int(m[1]) if F['weigh'] else 1
    return sum(w(n[-1]) for n in ahead) + w(mode) <= min([int(mode[2])] + [int(n[-1][2]) for n in ahead if F['least']])

class S:
    def __init__(s, cfg):
        s.cfg = cfg; s.rev = 1; s.keys = {}; s.tombs = frozenset(); s.dead = frozenset(); s.first = frozenset()
        s.acc = {}; s.net = []; s.sw = s.far = frozenset(); s.faults = cfg['faults']; s.free = [frozenset() for _ in cfg['procs']]
        s.gen = [0] * len(cfg['procs']); s.seq = [0] * len(cfg['procs']); s.tick = [0] * len(cfg['procs'])
        s.q = [() for _ in cfg['procs']]; s.w = [{} for _ in cfg['procs']]; s.log = [() for _ in cfg['procs']]
        s.rs = [[R(tuple(x[0]), *x[1:]) for x in p] for p in cfg['procs']]
    def frz(s):
        return (s.rev, tuple(sorted(s.keys.items())), s.tombs, s.dead, s.first, tuple(sorted(s.acc.items())),
                tuple(sorted(s.net, key=repr)), s.sw, s.far, s.faults, tuple(s.gen), tuple(s.seq), tuple(s.tick), tuple(s.q),
                tuple(tuple(sorted(w.items())) for w in s.w), tuple(s.log), tuple(tuple(r.frz() for r in p) for p in s.rs), tuple(s.free))
    @staticmethod
    def thw(cfg, t):
        s = S.__new__(S); s.cfg = cfg
        (s.rev, k, s.tombs, s.dead, s.first, a, n, s.sw, s.far, s.faults, g, sq, tk, q, w, lg, rs, fr) = t; s.free = list(fr)
        s.keys = dict(k); s.acc = dict(a); s.net = list(n); s.gen = list(g); s.seq = list(sq); s.tick = list(tk)
        s.q = list(q); s.w = [dict(x) for x in w]; s.log = list(lg); s.rs = [[R.thw(r) for r in p] for p in rs]
        return s
    # ---- etcd
    def lease(s, p): return (p, s.gen[p])
    def ahead(s, l, c, mode):
        return frozenset(n for (ll, n), (cc, m, _) in s.keys.items() if ll == l and cc < c and (mode != 'S' or m != 'S'))
    def prove(s):
        s.first |= frozenset((l, n, c) for (l, n), (c, m, _) in s.keys.items() if admitted(m, s.ahead(l, c, m)))
    def delete(s, ks):
        ks = [k for k in ks if k in s.keys]
        if not ks: return
        s.rev += 1
        for k in ks: del s.keys[k]
        s.events(ks)
    def opdel(s, l):
        gone = [k for k in s.keys if k[0] == l]
        for rs in s.rs:
            for r in rs:
                if r.st == 'rest' and any((ll, n) in gone for ll, n, _ in r.node): r.st = 'done'
        s.delete(gone)
    def events(s, ks):
        for l in sorted({k[0] for k in ks}):
            ns = tuple(sorted((k[1] for k in ks if k[0] == l), key=repr))
            for p in range(len(s.q)):
                seen = tuple(n for n in ns if s.only(p, l) in (None, n))
                if (p, l) in s.sw and seen: s.q[p] += (('d', s.rev, l, seen),)
        s.prove()
    def only(s, p, l):   # the one key that is watched
        return next((n for pp, ll, n in s.far if (pp, ll) == (p, l)), None)
    def unwatch(s, p, l):   # what is still under way of a watch that was closed is ignored
        s.sw -= {(p, l)}; s.far = frozenset(x for x in s.far if x[:2] != (p, l)); s.w[p].pop(l, None)
        s.q[p] = tuple(e for e in s.q[p] if e[2] != l)
        s.net = [m for m in s.net if not (m[0] == 'wc' and m[1] == p and m[4] == l)]
    def woken(s, p, l, A, F):   # the key that was watched is gone
        if F['again'] and s.only(p, l) is not None and s.only(p, l) not in A.get(l, ()): s.unwatch(p, l)
    def revoke(s, lease):
        if lease in s.dead: return
        s.dead |= {lease}; s.delete([k for k, v in s.keys.items() if v[2] == lease])
    def apply(s, m, F):
        k, p, r, want = m[:4]; a = m[4:]; ans = None
        if k == 'take' or k == 'hand':
            lines, name, lease, mode = a[:4]
            ok = all((l, name) not in s.keys for l in lines) and not (F['tomb'] and name in s.tombs)
            old = ()
            if k == 'hand':
                old, tomb = a[4:6]
                ok = ok and (all((l, n) in s.keys and s.keys[l, n][0] == c for l, n, c in old) if F['guard'] else True)
            if ok and lease in s.dead: ans = ('nf',)
            elif ok:
                s.rev += 1; gone = [(l, n) for l, n, _ in old if (l, n) in s.keys]
                for kk in gone: del s.keys[kk]
                if k == 'hand' and tomb: s.tombs |= {old[0][1]}
                for l in lines: s.keys[l, name] = (s.rev, mode, lease)
                s.events(gone)
                ans = ('ok', s.rev, tuple((l, name, s.rev) for l in lines), tuple((l, s.ahead(l, s.rev, mode)) for l in lines))
            elif all((l, name) in s.keys for l in lines):
                ans = ('ok', s.rev, tuple((l, name, s.keys[l, name][0]) for l in lines),
                       tuple((l, s.ahead(l, s.keys[l, name][0], mode)) for l in lines))
            else: ans = ('gone',)
        elif k == 'rel':
            node, tomb, lease = a
            ks = [(l, n) for l, n, c in node if (l, n) in s.keys and (not F['guard'] or (tomb and F['byname']) or s.keys[l, n][0] == c)]
            if any(o.st == 'held' and set(o.node) & {(l, n, s.keys[l, n][0]) for l, n in ks} for o in s.rs[p]):
                raise Bad('own release deletes a key that another local request holds')
            if tomb and lease not in s.dead: s.tombs |= {node[0][1]}
            if len(ks) == len(node) and not tomb: ans = ('ended', node[0][1])
            s.delete(ks)
        elif k == 'move':
            node, lease = a
            there = all((l, n) in s.keys and s.keys[l, n][0] == c for l, n, c in node)
            if lease in s.dead: ans = ('nomove',)
            elif there or not F['mguard']:
                s.rev += 1
                for l, n, c in node: s.keys[l, n] = (s.keys[l, n][0] if (l, n) in s.keys else s.rev, s.rs[p][r].mode, lease)
                s.prove(); ans = ('moved',)
            else: ans = ('nomove',)
        elif k == 'tomb':
            lines, name, lease = a
            if any(o.st == 'held' and set(o.node) & {(l, name, s.keys[l, name][0]) for l in lines if (l, name) in s.keys} for o in s.rs[p]):
                raise Bad('the end of a name deletes a key that another local request holds')
            if F['tomb'] and lease not in s.dead: s.tombs |= {name}
            s.delete([(l, name) for l in lines])
        elif k == 'read':
            node, mode = a
            ans = ('rd', s.rev, tuple((l, s.ahead(l, c, mode)) for l, n, c in node),
                   all((l, n) in s.keys and s.keys[l, n][0] == c for l, n, c in node))
        elif k == 'wc':
            l, base = a; s.sw |= {(p, l)}; s.q[p] += (('c', s.rev if base is None else base, l),); n = s.only(p, l)
            if base is not None and (l, n) not in s.keys: s.q[p] += (('d', s.rev, l, (n,)),)
        elif k == 'guard':
            node, tok, mode = a
            if all((l, n) in s.keys and s.keys[l, n][0] == c for l, n, c in node):
                for l, n, c in node:
                    if not admitted(mode, s.ahead(l, c, mode)): raise Bad('guarded commit by a key that is not first')
                    if mode[0] == 'P':
                        held = {n2: int(n2[-1][1]) for rs in s.rs for o in rs if o.st == 'held' for l2, n2, c2 in o.node if l2 == l and s.keys.get((l, n2), (0,))[0] == c2}
                        if sum(held.values()) > min([int(n2[-1][2]) for n2 in held] or [9]): raise Bad('more permits held than there are: %s' % held)
                        continue
                    for pp, rs in enumerate(s.rs):
                        for i, o in enumerate(rs):
                            if (pp, i) != (p, r) and o.st == 'held' and (mode == 'X' or o.mode == 'X') and any(
                                    ll == l and (l, nn) in s.keys and s.keys[l, nn][0] == cc for ll, nn, cc in o.node):
                                raise Bad('stale guard: commit of %s while %s is the proven holder' % ((p, r), (pp, i)))
                    t, who, rd = s.acc.get(l, (-1, None, -1))   # highest writer and highest reader
                    if mode == 'X':
                        if tok < max(t, rd) or (tok == t and who != (p, r)): raise Bad('accepted token not increasing')
                        s.acc[l] = (tok, (p, r), rd)
                    else:
                        if tok < t: raise Bad('accepted token of a reader below that of a writer')
                        s.acc[l] = (t, who, max(rd, tok))
        elif k == 'revoke': s.revoke(a[0])
        elif k == 'sess':
            if s.lease(p) == a[0]: s.lose(p)
        if want and ans: s.net.append(('ans', p, r, k) + ans)
    # ---- client
    def lose(s, p):
        s.gen[p] += 1; s.free[p] = frozenset()
        for r in s.rs[p]:
            if r.st in ('held', 'keep'): r.st = 'lost'
            elif r.st in ('take', 'wait', 'hand'): r.st = 'fail'
        s.net = [m if not (m[0] in ('take', 'hand', 'read') and m[1] == p) else m[:3] + (0,) + m[4:] for m in s.net
                 if not (m[0] == 'ans' and m[1] == p)]
    def ready(s, p, i, but=None, share=0):   # behind a shared key that is held a local request may stand in etcd too
        r = s.rs[p][i]
        return r.st == 'queue' and not any(j != i and j != but and o.st in ACTIVE and o.tick < r.tick and set(o.lines) & set(r.lines)
                                           and not (share and o.st == 'held' and o.mode != 'X')
                                           and not (o.st in ('take', 'hand') and o.mode[0] == r.mode[0] == 'P') for j, o in enumerate(s.rs[p]))
    def sharing(s, p, i):
        r = s.rs[p][i]
        return [o for j, o in enumerate(s.rs[p]) if j != i and o.st == 'held' and o.node == r.node]
    def name(s, p, F, mode='X'):
        for n in sorted(s.free[p]):
            if len(n) == (4 if mode[0] == 'P' else 3) and n[3:] == ((mode,) if mode[0] == 'P' else ()):
                s.free[p] -= {n}
                return n
        s.seq[p] += 1
        return s.lease(p) + ((0,) if F['reuse'] else (s.seq[p],)) + ((mode,) if mode[0] == 'P' else ())
    def grant(s, p, i, F):
        r = s.rs[p][i]
        if r.st == 'wait' and not r.need and all(admitted(r.mode, v, F) for _, v in r.ahead) and len(r.ahead) == len(r.lines):
            r.st = 'held'
            if not all(k in s.first for k in r.node): raise Bad('unproven grant: key %s was never first' % (r.node,))
            for pp, rs in enumerate(s.rs):
                for j, o in enumerate(rs):
                    if o.st == 'rest' and (o.mode == 'X' or r.mode == 'X') and set(o.lines) & set(r.lines):
                        raise Bad('granted before the minimum time of %s is over' % ((pp, j),))
    def token(s, r, F): return max(c for _, _, c in r.node) * F['K'] + r.pas
    def settle(s, p, i, F):   # coverage of the watch against the base revision of each line
        r = s.rs[p][i]
        if r.st != 'wait': return
        A, B = r.A(), r.B()
        for ev in s.log[p]:
            if ev[2] in B and ev[1] > B[ev[2]] and s.event(r, ev, A, F, p, i): return
        r.setA(A)
        for l in r.lines: s.woken(p, l, A, F)
        s.grant(p, i, F)
    def event(s, r, ev, A, F, p, i):
        _, rev, l, ns = ev; mine = {n for ll, n, _ in r.node if ll == l}
        if F['atomic'] and mine & set(ns): r.st = 'fail'; return s.drop(p, i)
        for n in sorted(ns, key=lambda n: n in mine):
            if n in mine: r.st = 'fail'; return s.drop(p, i)
            A[l] = A[l] - {n}
            if not F['atomic']: r.setA(A); s.grant(p, i, F)
            if r.st != 'wait': return True
    def end(s, p, name, F):   # its name may be used again
        if F['names'] and not F['reuse'] and name[:2] == s.lease(p): s.free[p] |= {name}
    def drop(s, p, i, F=FLAGS):   # what a failed or closed request leaves: guarded delete of every key of its own
        r = s.rs[p][i]
        if r.node: s.net.append(('rel', p, i, F['names'], r.node, r.multi, s.lease(p)))
        return True
    def answer(s, m, F):
        _, p, i, k, tag = m[:5]; r = s.rs[p][i]
        if tag == 'nf': s.lose(p); return
        if tag == 'ended': s.end(p, m[5], F); return
        if tag in ('moved', 'nomove'):
            if r.st == 'move' and tag == 'moved': r.st = 'rest'
            elif r.st == 'move': r.st = 'done'; s.drop(p, i); s.net.append(('revoke', p, i, 0, ('rest', p, i)))
            return
        if tag == 'gone':
            r.st = 'fail'; s.drop(p, i)
            s.net.append(('tomb', p, i, 0) + r.nm[4:7])   # part of the keys of a repeated take or hand-over is gone: end the name
            if k == 'hand' and F['perkey']: s.net.append(('rel', p, i, 0, r.nm[8], r.nm[9], s.lease(p)))
            return
        if tag == 'rd':
            if r.st != 'wait': return
            r.need = 0
            if F['own'] and not m[7]: r.st = 'fail'; s.drop(p, i); return
            r.setB({l: m[5] for l in r.lines}); r.ahead = m[6]
        else:
            if r.st not in ('take', 'hand'): return
            if k == 'hand' and tag == 'ok' and r.nm[8] and not r.nm[9]: s.end(p, r.nm[8][0][1], F)
            B, A = r.B(), r.A(); r.st = 'wait'; r.node = tuple(sorted(r.node + m[6], key=repr))
            B.update({l: m[5] for l, _ in m[7]}); A.update(dict(m[7])); r.setB(B); r.setA(A)
            if F['gap'] and any(s.w[p].get(l, -1) > b for l, b in r.base):
                s.grant(p, i, F)
                if r.st == 'wait': r.need = 1
                return
        s.settle(p, i, F)

def succ(cfg, F, t):
    """yields (label, is_fault, frozen state); raises Bad"""
    out = []
    def step(label, fn, fault=0):
        s = S.thw(cfg, t)
        if fault: s.faults -= 1
        try: fn(s)
        except Bad as e: raise Bad(str(e), label)
        out.append((label, fault, s.frz()))
    s0 = S.thw(cfg, t); FA = cfg.get('kinds', ALL) if s0.faults > 0 else ()
    for m in set(s0.net):
        def dl(s, m=m):
            s.net.remove(m)
            s.answer(m, F) if m[0] == 'ans' else s.apply(m, F)
        step('deliver %s' % (m,), dl)
        if m[0] in ('take', 'hand', 'guard', 'read') and not m[3]: step('drop %s' % (m,), lambda s, m=m: s.net.remove(m))
        if m[0] in ('rel', 'tomb', 'move') and 'dup' in FA and F['dup']:
            def dp(s, m=m):
                s.apply(m[:3] + (0,) + m[4:], F) if m[0] == 'rel' else s.apply(m, F)
                if m[0] == 'rel' and F['spent']: s.net[s.net.index(m)] = m[:3] + (0,) + m[4:]
            step('dup %s' % (m,), dp, 1)   # answer lost, repeated: a copy stays under way
        if 'timeout' in FA and ((m[0] in ('take', 'hand') and m[3]) or (m[0] == 'ans' and m[3] in ('take', 'hand'))):
            p, i = m[1:3]
            def to(s, m=m, again=1):
                s.net.remove(m); r = s.rs[p][i]; op = r.nm
                if m[0] != 'ans': s.net.append(m[:3] + (0,) + m[4:])
                if again and F['fresh']:
                    if F['endold']: s.net.append(('tomb', p, i, 0, op[4], op[5], op[6]))
                    if not F['spent']: s.end(p, op[5], F)
                    if op[0] == 'hand': s.net.append(('rel', p, i, 0, op[8], op[9], s.lease(p)))
                    r.st = 'take'; r.nm = ('take', p, i, 1, r.lines, s.name(p, F, r.mode), s.lease(p), r.mode); s.net.append(r.nm)
                elif again:
                    s.net.append(op[:3] + (1,) + op[4:])
                    if op[0] == 'take' and F['tomb'] == 1: r.multi = 1
                else: r.st = 'fail'; s.drop(p, i); s.net.append(('tomb', p, i, 0, op[4], op[5], op[6]))
            step('timeout+retry %s' % (m,), to, 1)
            if m[0] == 'take' or m[3] == 'take': step('timeout+giveup %s' % (m,), lambda s, m=m: to(s, m, 0), 1)
    for p in range(len(s0.rs)):
        if s0.q[p]:
            def ev(s, p=p):
                e, s.q[p] = s.q[p][0], s.q[p][1:]
                if e[0] == 'c':
                    s.w[p][e[2]] = e[1]
                    for i, r in enumerate(s.rs[p]):
                        if r.st == 'wait' and e[2] in r.lines and e[1] > r.B()[e[2]]: r.need = 1
                else:
                    if F['log']: s.log[p] += (e,)
                    for i, r in enumerate(s.rs[p]):
                        if r.st == 'wait' and e[2] in r.lines and e[1] > r.B()[e[2]]:
                            A = r.A()
                            if not s.event(r, e, A, F, p, i): r.setA(A); s.woken(p, e[2], A, F); s.grant(p, i, F)
            step('event p%d %s' % (p, s0.q[p][0]), ev)
        for i, r in enumerate(s0.rs[p]):
            if r.st == 'idle':
                def go(s, p=p, i=i): s.tick[p] += 1; s.rs[p][i].tick = s.tick[p]; s.rs[p][i].st = 'queue'
                step('start %d.%d' % (p, i), go)
            if s0.ready(p, i, None, F['share']):
                def tk(s, p=p, i=i):
                    r = s.rs[p][i]; r.st = 'take'; r.nm = ('take', p, i, 1, r.lines, s.name(p, F, r.mode), s.lease(p), r.mode); s.net.append(r.nm)
                step('take %d.%d' % (p, i), tk)
            if r.st == 'wait':
                for l in r.lines:
                    if l not in s0.w[p]:
                        def wc(s, p=p, l=l): s.w[p][l] = -1; s.net.append(('wc', p, 0, 0, l, None))
                        step('watch p%d line %d' % (p, l), wc)
                    if cfg.get('long') and r.mode == 'X' and s0.only(p, l) is None and len(r.A().get(l, ())) > 1 and r.need == 0 and not any(
                            o is not r and o.st in ACTIVE and l in o.lines for o in s0.rs[p]):
                        for n, base in ((n, b) for n in r.A()[l] for b in (r.B()[l], None)):   # from after the read, or anew from now
                            def wf(s, p=p, i=i, l=l, n=n, base=base):
                                r = s.rs[p][i]; s.unwatch(p, l); s.far |= {(p, l, n)}; s.w[p][l] = -1
                                if not F['stand']: r.setA({**r.A(), l: {n}})
                                s.net.append(('wc', p, 0, 0, l, base))
                            step('watch p%d line %d key %s' % (p, l, n), wf)
                if (r.need == 1 or any(s0.w[p].get(l, -1) > b for l, b in r.base)) and r.need != 2:
                    def rd(s, p=p, i=i): s.rs[p][i].need = 2; s.net.append(('read', p, i, 1, s.rs[p][i].node, s.rs[p][i].mode))
                    step('read %d.%d' % (p, i), rd)
                if 'giveup' in FA:
                    def gu(s, p=p, i=i): s.rs[p][i].st = 'fail'; s.drop(p, i)
                    step('giveup %d.%d' % (p, i), gu, 1)
            if r.st == 'held':
                if not r.exp:
                    def gd(s, p=p, i=i):
                        r = s.rs[p][i]; r.exp = 1; s.net.append(('guard', p, i, 0, r.node, s.token(r, F), r.mode))
                    step('guarded op %d.%d' % (p, i), gd)
                if F['share'] and r.mode == 'S':
                    for j, o in enumerate(s0.rs[p]):
                        if o.mode == 'S' and o.lines == r.lines and s0.ready(p, j, i, 1):
                            def sh(s, p=p, i=i, j=j):
                                a, b = s.rs[p][i], s.rs[p][j]; b.st = 'held'
                                b.node, b.base, b.ahead, b.multi, b.pas = a.node, a.base, a.ahead, a.multi, a.pas
                            step('share %d.%d with %d' % (p, i, j), sh)
                if F['last'] and s0.sharing(p, i):
                    def lv(s, p=p, i=i):
                        if s.rs[p][i].kp:
                            for o in s.sharing(p, i): o.kp = 1
                        s.rs[p][i].st = 'done'
                    step('leave %d.%d' % (p, i), lv)
                    continue
                if r.kp:
                    def mv(s, p=p, i=i):
                        r = s.rs[p][i]
                        if F['ownlease']: r.st = 'move'; s.net.append(('move', p, i, 1, r.node, ('rest', p, i)))
                        else: r.st = 'rest'
                    step('move to a lease of its own %d.%d' % (p, i), mv)
                    continue
                nxt = [j for j in range(len(s0.rs[p])) if j != i and s0.ready(p, j, i, F['share']) and set(s0.rs[p][j].lines) & set(r.lines)]
                if not nxt:
                    def rl(s, p=p, i=i): s.rs[p][i].st = 'done'; s.drop(p, i)
                    blocked = [o for o in s0.rs[p] if o.st == 'queue' and set(o.lines) & set(r.lines)]
                    if F['hold_for'] and blocked:
                        def kp(s, p=p, i=i): s.rs[p][i].st = 'keep'
                        step('keep for next %d.%d' % (p, i), kp)
                    else: step('release %d.%d' % (p, i), rl)
                for j in nxt:
                    o = s0.rs[p][j]
                    if F['turns'] and r.mode[0] != 'P' and not (F['export'] and r.exp) and (o.mode == r.mode or not F['eqmode']):
                        if o.lines == r.lines:
                            def ps(s, p=p, i=i, j=j):
                                a, b = s.rs[p][i], s.rs[p][j]; a.st = 'done'; b.st = 'held'
                                b.node, b.base, b.ahead, b.multi, b.pas = a.node, a.base, a.ahead, a.multi, a.pas + 1
                            step('pass %d.%d->%d' % (p, i, j), ps)
                        elif not F['eqset'] and set(r.lines) < set(o.lines):
                            def sp(s, p=p, i=i, j=j):
                                a, b = s.rs[p][i], s.rs[p][j]; a.st = 'done'; b.st = 'take'; b.node, b.base, b.ahead = a.node, a.base, a.ahead
                                rest = tuple(l for l in b.lines if l not in a.lines)
                                b.nm = ('take', p, j, 1, rest, s.name(p, F, b.mode), s.lease(p), b.mode); s.net.append(b.nm)
                            step('subset pass %d.%d->%d' % (p, i, j), sp)
                    def ho(s, p=p, i=i, j=j):
                        a, b = s.rs[p][i], s.rs[p][j]; a.st = 'done'; b.st = 'hand'
                        b.nm = ('hand', p, j, 1, b.lines, s.name(p, F, b.mode), s.lease(p), b.mode, a.node, a.multi); s.net.append(b.nm)
                    if F['eqset'] or o.lines == r.lines: step('hand over %d.%d->%d' % (p, i, j), ho)
            if r.st in ('move', 'rest'):   # if the process dies, its lease ends at this time or later
                def un(s, p=p, i=i):
                    r = s.rs[p][i]
                    if r.st == 'move' or not F['ownlease']: s.drop(p, i)
                    r.st = 'done'; s.net.append(('revoke', p, i, 0, ('rest', p, i)))
                step('minimum time of %d.%d is over' % (p, i), un)
            if r.st == 'keep':   # buggy: released only once the blocked next waiter can be put
                nxt = [j for j in range(len(s0.rs[p])) if s0.ready(p, j, i)]
                if nxt or not any(o.st == 'queue' for o in s0.rs[p]):
                    def rk(s, p=p, i=i): s.rs[p][i].st = 'done'; s.drop(p, i)
                    step('release kept %d.%d' % (p, i), rk)
        if 'lapse' in FA and any(r.st in ACTIVE[1:] or r.st == 'rest' for r in s0.rs[p]):
            def lp(s, p=p): s.net.append(('revoke', p, 0, 0, s.lease(p))); s.lose(p)
            step('session of p%d lapses' % p, lp, 1)
        if 'drop' in FA and s0.lease(p) not in s0.dead and any(k[2] == s0.lease(p) for k in s0.keys.values()):
            def er(s, p=p): s.revoke(s.lease(p)); s.net.append(('sess', p, 0, 0, s.lease(p)))
            step('etcd drops lease of p%d' % p, er, 1)
        if 'watch' in FA and s0.w[p]:
            def wd(s, p=p):
                s.sw = frozenset(x for x in s.sw if x[0] != p); s.q[p] = (); s.w[p] = {}; s.log[p] = (); s.far = frozenset(x for x in s.far if x[0] != p)
                s.net = [m for m in s.net if not (m[0] == 'wc' and m[1] == p)]
            step('watch of p%d dies' % p, wd, 1)
    if 'opdel' in FA:
        for l in {k[0] for k in s0.keys}:
            step('operator deletes line %d' % l, lambda s, l=l: s.opdel(l), 1)
    if not any(not f for _, f, _ in out):
        for p, rs in enumerate(s0.rs):
            for i, r in enumerate(rs):
                if r.st in ACTIVE: raise Bad('permanent block: request %d.%d is %s' % (p, i, r.st), '(end)')
        left = [k for k, v in s0.keys.items() if v[2] not in s0.dead]
        if left: raise Bad('orphan keys %s' % left, '(end)')
    return out

def explore(cfg, F, limit, secs):
    F = dict(FLAGS, **F); t0 = time.time(); init = S(cfg).frz(); parent = {hash(init): None}; stack = [init]; n = ends = tr = 0
    while stack and n < limit and time.time() - t0 < secs:
        t = stack.pop(); n += 1
        try: nx = succ(cfg, F, t)
        except Bad as e:
            path = [e.args[1] if len(e.args) > 1 else '']; h = hash(t)
            while parent[h]: path.append(parent[h][1]); h = parent[h][0]
            return n, tr, 0, e.args[0], path[::-1]
        ends += not nx; tr += len(nx)
        for lab, _, u in nx:
            h = hash(u)
            if h not in parent: parent[h] = (hash(t), lab); stack.append(u)
    return n, tr, not stack, None, ends

def walk(cfg, F, secs, seed, n=0, steps=0):
    F = dict(FLAGS, **F); rnd = random.Random(seed); t0 = time.time()
    while time.time() - t0 < secs:
        t = S(cfg).frz(); path = []; n += 1
        while True:
            try: nx = succ(cfg, F, t)
            except Bad as e: return n, steps, 0, e.args[0], path + [e.args[1]]
            if not nx: break
            k = [x for x in nx if not x[1]]; pick = rnd.choice(nx if not k or rnd.random() < .15 else k)
            path.append(pick[0]); t = pick[2]; steps += 1
    return n, steps, 0, None, n
