/** Asks the server; what it refuses is an Error with its reason. */
export async function post(path, body) {
  const response = await fetch(`api/${path}`, {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: body === undefined ? null : JSON.stringify(body),
  });
  return answer(response);
}

export async function get(path) {
  return answer(await fetch(`api/${path}`));
}

async function answer(response) {
  const text = await response.text();
  if (response.ok) {
    return text ? JSON.parse(text) : null;
  }
  throw new Error(reason(text) ?? `The server answered ${response.status}`);
}

function reason(text) {
  try {
    const problem = JSON.parse(text);
    return problem.detail ?? problem.message ?? null;
  } catch {
    return null;
  }
}

/** Runs what a button does: not twice at once, and with the reason beside it when it fails. */
export function onPress(button, message, action) {
  button.addEventListener('click', async (event) => {
    event.preventDefault();
    message.textContent = '';
    button.setAttribute('aria-busy', 'true');
    try {
      await action();
    } catch (failure) {
      message.textContent = failure.message;
    } finally {
      button.removeAttribute('aria-busy');
    }
  });
}
