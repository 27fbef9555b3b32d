// Rules of this repository that no linter knows, loaded by .oxlintrc.json.

const noAmbientTime = {
  create(/** @type {any} */ context) {
    const report = (/** @type {any} */ node) =>
      context.report({ node, message: 'Time is a parameter here: take `now` or `clock` instead of asking the machine.' })
    return {
      MemberExpression(/** @type {any} */ node) {
        if (isName(node.object, 'Date') && isName(node.property, 'now')) report(node)
      },
      NewExpression(/** @type {any} */ node) {
        if (isName(node.callee, 'Date') && node.arguments.length === 0) report(node)
      },
      CallExpression(/** @type {any} */ node) {
        if (isName(node.callee, 'Date')) report(node)
      },
    }
  },
}

/** `where(a && b)` is evaluated by JavaScript before SQL sees it: one of the two conditions is silently lost. */
const noLogicInWhere = {
  create(/** @type {any} */ context) {
    let depth = 0
    return {
      CallExpression(/** @type {any} */ node) {
        if (isWhere(node)) depth += 1
      },
      'CallExpression:exit'(/** @type {any} */ node) {
        if (isWhere(node)) depth -= 1
      },
      LogicalExpression(/** @type {any} */ node) {
        // The object of `a.where()` is visited inside the call as well, but is not one of its arguments.
        if (depth > 0 && node.operator !== '??' && insideArguments(node)) {
          context.report({ node, message: 'Use eb.and([...]) or eb.or([...]): && and || never reach the database.' })
        }
      },
    }
  },
}

/** @param {any} node @param {string} name */
function isName(node, name) {
  return node.type === 'Identifier' && node.name === name
}

/** @param {any} call */
function isWhere(call) {
  const method = call.callee.type === 'MemberExpression' ? call.callee.property : null
  return method?.type === 'Identifier' && /^(where|having|on|filterWhere)$/.test(method.name)
}

/** @param {any} node */
function insideArguments(node) {
  for (let child = node; child.parent; child = child.parent) {
    const call = child.parent
    if (call.type === 'CallExpression' && isWhere(call) && call.arguments.includes(child)) return true
  }
  return false
}

export default {
  meta: { name: 'letterlock' },
  rules: { 'no-ambient-time': noAmbientTime, 'no-logic-in-where': noLogicInWhere },
}
