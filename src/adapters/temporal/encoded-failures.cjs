// The failure converter of encrypted runs: message and stack become a payload, which the codec encrypts. The Workflow
// bundle and the SDK load this file by its path, so it is CommonJS.
const { DefaultFailureConverter } = require('@temporalio/common');

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
