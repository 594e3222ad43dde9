/** Keeps one processor busy until it is killed. */
for (;;) Math.sqrt(Math.random());
