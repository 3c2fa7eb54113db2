"""The planner as a policy server: openpi's websocket protocol, sessions, limits and metrics."""
