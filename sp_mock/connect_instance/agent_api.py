"""The CCP's requests to its instance about the user's agent.

GET /api/agent         the agent, as the CCP posts it to the page that embeds it
PUT /api/agent/state   another agent state
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, request

from emulator.kernel.trace_notes import TraceNote, record
from sp_mock.connect_instance.agents import Agents
from sp_mock.connect_instance.cookies import current_session
from sp_mock.connect_instance.instance_site import request_instance_site
from sp_mock.pages import CONNECT, service

pages = Blueprint("agent", __name__)


@pages.get("/api/agent")
def agent() -> Response:
    """Answers with state and configuration."""
    instance = request_instance_site().instance
    session = current_session(instance)
    if session is None:
        return make_response(jsonify(message="There is no session."), 401)
    return jsonify(service(Agents).agent_update(instance, session))


@pages.put("/api/agent/state")
def agent_state() -> Response:
    """Puts the agent in the state that the JSON names."""
    instance = request_instance_site().instance
    session = current_session(instance)
    if session is None:
        return make_response(jsonify(message="There is no session."), 401)
    agents, asked = service(Agents), request.get_json(silent=True)
    name = asked.get("name") if isinstance(asked, dict) else None
    if not isinstance(name, str) or not agents.change(instance, session, name):
        return make_response(jsonify(message="There is no such agent state."), 400)
    record(request.environ, TraceNote(CONNECT.service, f"{session.user.login} is {name}"))
    return jsonify(agents.agent_update(instance, session))
