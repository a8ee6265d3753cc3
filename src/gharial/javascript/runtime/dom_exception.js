// DOMException: what the platform's own methods throw.
//
// Source: Web IDL, section 2.8.1 (names and codes) and 4.3.
(function (gharial) {
  'use strict';
  // In the order of their codes, from 1. The standard gave up codes 2, 6, 10 and 16 for
  // other names, yet kept their constants.
  const names = [
    'IndexSizeError', '', 'HierarchyRequestError', 'WrongDocumentError',
    'InvalidCharacterError', '', 'NoModificationAllowedError', 'NotFoundError',
    'NotSupportedError', 'InUseAttributeError', 'InvalidStateError', 'SyntaxError',
    'InvalidModificationError', 'NamespaceError', 'InvalidAccessError', '',
    'TypeMismatchError', 'SecurityError', 'NetworkError', 'AbortError',
    'URLMismatchError', 'QuotaExceededError', 'TimeoutError', 'InvalidNodeTypeError',
    'DataCloneError',
  ];
  const constants = [
    'INDEX_SIZE_ERR', 'DOMSTRING_SIZE_ERR', 'HIERARCHY_REQUEST_ERR',
    'WRONG_DOCUMENT_ERR', 'INVALID_CHARACTER_ERR', 'NO_DATA_ALLOWED_ERR',
    'NO_MODIFICATION_ALLOWED_ERR', 'NOT_FOUND_ERR', 'NOT_SUPPORTED_ERR',
    'INUSE_ATTRIBUTE_ERR', 'INVALID_STATE_ERR', 'SYNTAX_ERR',
    'INVALID_MODIFICATION_ERR', 'NAMESPACE_ERR', 'INVALID_ACCESS_ERR',
    'VALIDATION_ERR', 'TYPE_MISMATCH_ERR', 'SECURITY_ERR', 'NETWORK_ERR', 'ABORT_ERR',
    'URL_MISMATCH_ERR', 'QUOTA_EXCEEDED_ERR', 'TIMEOUT_ERR', 'INVALID_NODE_TYPE_ERR',
    'DATA_CLONE_ERR',
  ];

  // Derived from Error so that it has a stack, and is one to the engine and to users.
  class DOMException extends Error {
    #name;
    #message;

    constructor(message = '', name = 'Error') {
      super();
      this.#message = `${message}`;
      this.#name = `${name}`;
    }

    get name() {
      return this.#name;
    }

    get message() {
      return this.#message;
    }

    get code() {
      return this.#name === '' ? 0 : names.indexOf(this.#name) + 1;
    }
  }

  const table = {};
  constants.forEach((name, index) => {
    table[name] = index + 1;
  });
  gharial.constants(DOMException, table);
  gharial.DOMException = gharial.expose(DOMException);
})
